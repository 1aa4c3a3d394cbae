"""The site file: models, JSON schema, errors that tell the cure, configuration -> site."""
