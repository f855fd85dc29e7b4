"""What a client sees of the local gateway: plain addresses, whole requests, and the real functions behind them."""

import http.client
import json
import unittest
from typing import Any
from urllib.parse import urlsplit

from local import stack
from local.http_client import Answer, send


class Gateway(unittest.TestCase):
    """Requests to the running stack."""

    running: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.running = stack.describe()

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, as alice unless told otherwise."""
        token = self.running["users"]["alice"]["token"]
        given = {"authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return send(method, f"{self.running['api_url']}{path}", given, body)

    def test_health_is_answered_without_a_token(self) -> None:
        answer = send("GET", f"{self.running['api_url']}/v1/health")
        self.assertEqual((answer.status, answer.json()["status"]), (200, "ok"))

    def test_an_unknown_path_is_a_problem_document(self) -> None:
        answer = self.send("GET", "/v1/nothing-here")
        self.assertEqual((answer.status, answer.json()["code"]), (404, "not_found"))
        self.assertTrue(str(answer.headers["content-type"]).startswith("application/problem+json"))

    def test_a_wrong_method_is_a_problem_document(self) -> None:
        answer = self.send("DELETE", "/v1/health")
        self.assertEqual((answer.status, answer.json()["code"]), (405, "method_not_allowed"))

    def test_a_path_with_escapes_is_refused_and_breaks_nothing(self) -> None:
        for path in (
            "/v1/videos/a%2Fb",
            "/v1/videos/a%20b",
            "/v1/videos/%C3%A9",
            "/v1/videos/%FF",
            "/v1/videos/a%252Fb",
        ):
            answer = self.send("GET", path)
            self.assertIn(answer.status, (400, 404), path)
            self.assertIn(answer.json()["code"], ("invalid_parameter", "not_found"), path)

    def test_a_token_of_nobody_is_refused_in_the_contracts_form(self) -> None:
        answer = self.send("GET", "/v1/videos", authorization="Bearer nonsense")
        self.assertEqual((answer.status, answer.json()["code"]), (401, "invalid_token"))

    def test_both_users_are_known_and_see_only_what_is_theirs(self) -> None:
        put = self.send(
            "PUT", "/v1/videos/of-alice", json.dumps({"name": "Mine"}).encode(), content_type="application/json"
        )
        self.assertIn(put.status, (200, 201))
        self.assertEqual(self.send("GET", "/v1/videos/of-alice").status, 200)
        bob = f"Bearer {self.running['users']['bob']['token']}"
        self.assertEqual(self.send("GET", "/v1/videos/of-alice", authorization=bob).status, 404)

    def test_a_chunked_body_arrives_whole(self) -> None:
        api = urlsplit(self.running["api_url"])
        connection = http.client.HTTPConnection(api.netloc, timeout=30)
        token = self.running["users"]["alice"]["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        parts = iter([b'{"name":', b'"In pieces', b'"}'])
        connection.request("PUT", "/v1/videos/in-pieces", body=parts, headers=headers, encode_chunked=True)
        answer = connection.getresponse()
        self.assertIn(answer.status, (200, 201))
        self.assertEqual(json.loads(answer.read())["name"], "In pieces")
        connection.close()

    def test_a_body_beyond_the_gateways_limit_is_refused(self) -> None:
        api = urlsplit(self.running["api_url"])
        connection = http.client.HTTPConnection(api.netloc, timeout=30)
        connection.putrequest("PUT", "/v1/videos/too-big")
        connection.putheader("Content-Length", str(11 * 1024 * 1024))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def test_nothing_listens_beyond_this_machine(self) -> None:
        for url in (self.running["api_url"], self.running["aws_endpoint"], *self.running["simulators"].values()):
            self.assertIn(urlsplit(str(url)).hostname, ("localhost", "127.0.0.1"))


if __name__ == "__main__":
    unittest.main()
