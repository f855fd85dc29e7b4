"""The local identity provider: a Cognito user pool with alice, bob and carol."""

import secrets
from dataclasses import dataclass
from typing import Any

from .cloud import REGION, Cloud

NAMES = ("alice", "bob", "carol")
TOKEN_HOURS = 24


@dataclass(frozen=True)
class Users:
    """The pool, and how to sign its users in."""

    endpoint: str
    pool: str
    client: str
    password: str

    @property
    def issuer(self) -> str:
        """The `iss` of the tokens. The local AWS names the real service's address, but serves the keys itself."""
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"

    @property
    def jwks_url(self) -> str:
        """Where the pool's keys are."""
        return f"{self.endpoint}/{self.pool}/.well-known/jwks.json"

    def token(self, cognito: Any, name: str) -> str:
        """A fresh identity token, good for a day."""
        answer = cognito.admin_initiate_auth(
            UserPoolId=self.pool,
            ClientId=self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": self.password},
        )
        return str(answer["AuthenticationResult"]["IdToken"])


def create(cloud: Cloud) -> Users:
    """Makes the pool, its client and its users. The password is new in every run."""
    cognito = cloud.client("cognito-idp")
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    pool = cognito.create_user_pool(PoolName="patchbay-local")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="patchbay-local",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        IdTokenValidity=TOKEN_HOURS,
        AccessTokenValidity=TOKEN_HOURS,
        TokenValidityUnits={"IdToken": "hours", "AccessToken": "hours"},
    )["UserPoolClient"]["ClientId"]
    for name in NAMES:
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": f"{name}@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    return Users(cloud.endpoint, pool, client, password)
