"""`/api/v1/session`, `/setup`, `/tokens`: who may write."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from kwartier.web import access, session_schemas
from kwartier.web.auth import ONSITE
from kwartier.web.problems import Problem, sentence

router = APIRouter(prefix="/api/v1")
NO_CONTENT = 204


def session_info(request: Request) -> session_schemas.SessionInfo:
    """What the one who asks may do."""
    logged_in, open_demo = access.logged_in(request), access.open_demo(request)
    return session_schemas.SessionInfo(
        may_write=logged_in or open_demo,
        logged_in=logged_in,
        has_password=access.auth_of(request).has_password,
        open_demo=open_demo,
    )


@router.get("/session")
async def session(request: Request) -> session_schemas.SessionInfo:
    """What the one who asks may do."""
    return session_info(request)


@router.post("/session", status_code=NO_CONTENT)
async def login(request: Request, asked: session_schemas.Login) -> Response:
    """Log in: sets a session cookie."""
    secret = await access.auth_of(request).login(access.client_of(request), asked.password)
    response = Response(status_code=NO_CONTENT)
    access.begin_session(request, response, secret)
    return response


@router.delete("/session", status_code=NO_CONTENT)
async def logout(request: Request) -> Response:
    """Log out."""
    response = Response(status_code=NO_CONTENT)
    access.end_session(request, response)
    return response


@router.post("/setup", status_code=NO_CONTENT)
async def setup(request: Request, asked: session_schemas.FirstPassword) -> Response:
    """Choose the first password and log in. From another machine the code on the console is needed."""
    auth, client = access.auth_of(request), access.client_of(request)
    await auth.choose_password(client, asked.password, local=access.is_local(request), code=asked.code)
    response = Response(status_code=NO_CONTENT)
    access.begin_session(request, response, await auth.login(client, asked.password))
    return response


@router.get("/tokens", dependencies=[Depends(access.writer)])
async def tokens(request: Request) -> list[session_schemas.Token]:
    """Names of the programs that may write."""
    return [session_schemas.Token(name=name) for name in access.auth_of(request).token_names()]


@router.post("/tokens", status_code=201, dependencies=[Depends(access.writer)])
async def add_token(request: Request, asked: session_schemas.NewToken) -> session_schemas.Token:
    """Make a token for a program, to be sent as `Authorization: Bearer`; the secret is shown this once.

    A token whose name begins with `onsite` resets alarms and nothing else; it is made at the machine itself.
    """
    if asked.name.startswith(ONSITE) and not access.is_local(request):
        raise Problem(403, "not-on-site", f"A token called {ONSITE}... is made at the machine itself.")
    return session_schemas.Token(name=asked.name, token=await access.auth_of(request).add_token(asked.name))


@router.delete("/tokens/{name}", status_code=NO_CONTENT, dependencies=[Depends(access.writer)])
async def remove_token(request: Request, name: str) -> Response:
    """Take a program's right to write away."""
    try:
        await access.auth_of(request).remove_token(name)
    except KeyError as error:
        raise Problem(404, "unknown-token", sentence(error)) from error
    return Response(status_code=NO_CONTENT)
