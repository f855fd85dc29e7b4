"""Who gets in: routes without a token, unknown routes and methods, other people's recordings, the contract."""

import json
import unittest

from contract import ROUTES
from local import folders
from local.http_client import send

from client import SPEECH, Journey, fresh


def example(path: str) -> str:
    """A path with something in the place of its parameters."""
    return path.replace("{provider}", "notion").replace("{id}", "anything")


class Doors(Journey):
    """What callers see who should not get further."""

    def test_without_a_token_every_route_that_asks_for_one_is_closed(self) -> None:
        asking = [route for route, (_, asks_who) in ROUTES.items() if asks_who]
        self.assertGreater(len(asking), 14)
        for route in asking:
            method, path = route.split(" ")
            document: dict[str, str] | None = {} if method in ("POST", "PUT", "PATCH") else None
            answer = self.call(method, example(path), document, user=None)
            self.refused(answer, 401, "unauthenticated", route)
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer", route)
            forged = self.call(method, example(path), document, user=None, headers={"Authorization": "Bearer a.b.c"})
            self.refused(forged, 401, "invalid_token", route)

    def test_a_token_whose_signature_was_changed_is_refused(self) -> None:
        token = self.running["users"]["alice"]["token"]
        signed, _, signature = token.rpartition(".")
        changed = signed + "." + ("B" if signature[0] == "A" else "A") + signature[1:]
        answer = self.call("GET", "/v1/videos", headers={"Authorization": f"Bearer {changed}"})
        self.refused(answer, 401, "invalid_token")

    def test_unknown_routes_are_not_found(self) -> None:
        for path in ("/", "/v1", "/v1/nothing", "/v2/videos", "/v1/videos/a/b/c", "/v1/oauth/notion/elsewhere"):
            for method in ("GET", "POST"):
                self.refused(self.call(method, path), 404, "not_found", f"{method} {path}")

    def test_an_unknown_provider_is_called_so(self) -> None:
        for path in ("/v1/connections/myspace", "/v1/oauth/myspace/start", "/v1/oauth/myspace/callback"):
            self.refused(self.call("GET", path), 404, "unknown_provider", path)

    def test_methods_that_a_route_does_not_offer_are_refused_whichever_function_has_it(self) -> None:
        for method, path in (
            ("POST", "/v1/health"),
            ("DELETE", "/v1/videos/anything"),
            ("PUT", "/v1/connections"),
            ("PATCH", "/v1/jobs/anything"),
        ):
            self.refused(self.call(method, path), 405, "method_not_allowed", f"{method} {path}")

    def test_what_is_too_large_is_refused_by_us_and_what_the_gateway_does_not_take_by_itself(self) -> None:
        path = f"/v1/videos/{fresh('large')}"
        self.refused(self.call("PUT", path, b" " * (5 << 20)), 413, "payload_too_large")
        # Only announced: it is refused before it is sent. The gateway knows neither problem documents nor our headers.
        announced = {"Content-Type": "application/json", "Content-Length": str((10 << 20) + 1)}
        answer = send("PUT", f"{self.running['api_url']}{path}", announced)
        self.assertEqual((answer.status, answer.json()), (413, {"message": "Request Entity Too Large"}))

    def test_bob_does_not_see_what_alice_has(self) -> None:
        video = self.put_video("alice")
        shown = self.call("GET", f"/v1/videos/{video}", user="bob")
        self.refused(shown, 404, "not_found")
        absent = self.call("GET", "/v1/videos/never-put", user="bob")
        self.assertEqual(shown.json()["detail"], absent.json()["detail"], "not even the words tell them apart")
        for action, document in (("ticket-draft", None), ("transcription", None), ("tickets", {"title": "Mine now"})):
            answer = self.call("POST", f"/v1/videos/{video}/{action}", document, user="bob")
            self.refused(answer, 404, "not_found", action)
        cursor, listed = "", []
        while True:
            page = self.call("GET", f"/v1/videos?limit=100{cursor}", user="bob").json()
            listed += [it["id"] for it in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        self.assertNotIn(video, listed)

    def test_bob_may_use_the_same_id_and_changes_nothing_of_alices(self) -> None:
        video = self.put_video("alice", name="Hers")
        put = self.call("PUT", f"/v1/videos/{video}", {"name": "His", "transcript": SPEECH}, user="bob")
        self.assertEqual(put.status, 201)
        self.assertEqual(self.call("GET", f"/v1/videos/{video}").json()["name"], "Hers")

    def test_a_job_belongs_to_who_asked_for_it(self) -> None:
        video = self.put_video("alice")
        location = self.call("POST", f"/v1/videos/{video}/transcription").location
        self.assertEqual(self.call("GET", location).json()["status"], "succeeded")
        self.refused(self.call("GET", location, user="bob"), 404, "not_found")

    def test_the_served_contract_is_the_published_one(self) -> None:
        served = self.call("GET", "/v1/openapi.json", user=None)
        self.assertEqual((served.status, served.headers["Content-Type"]), (200, "application/json"))
        published = (folders.ROOT / "functions" / "api" / "src" / "openapi.json").read_text()
        self.assertEqual(served.json(), json.loads(published))

    def test_the_contract_has_the_routes_that_are_deployed(self) -> None:
        paths = self.call("GET", "/v1/openapi.json", user=None).json()["paths"]
        methods = ("get", "put", "post", "patch", "delete")
        described = {f"{it.upper()} {path}" for path, offers in paths.items() for it in offers if it in methods}
        self.assertEqual(described, set(ROUTES) - {"$default"})


if __name__ == "__main__":
    unittest.main()
