"""HTTP API, live stream and dashboard: mounted by `edge` and by `cloud` (DESIGN section 6.6).

What this room needs of a running site stands in `live.LiveSite`; `app.create_app` puts the rest round it.
"""
