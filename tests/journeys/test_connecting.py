"""Connecting and disconnecting: links, the browser's cookie, and what is left afterwards."""

import unittest
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from local.browser import Browser
from local.http_client import Answer, send

from client import Journey, fresh


class Connecting(Journey):
    """As bob, so that the story of alice is left alone."""

    def session(self, key: str, **more: str) -> Answer:
        """A connect session of bob."""
        return self.call("POST", "/v1/connect-sessions", {"provider": "notion", **more}, user="bob", key=key)

    def test_a_repeated_connect_session_is_the_same_link(self) -> None:
        key = fresh("link")
        first, again = self.session(key), self.session(key)
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(first.json(), again.json())
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.refused(self.session(key, return_to="/elsewhere"), 422, "idempotency_key_reused")
        self.assertNotEqual(self.session(fresh("link")).json(), first.json())

    def test_a_key_is_each_users_own(self) -> None:
        key, body = fresh("link"), {"provider": "notion"}
        bobs = self.call("POST", "/v1/connect-sessions", body, user="bob", key=key)
        alices = self.call("POST", "/v1/connect-sessions", body, user="alice", key=key)
        self.assertEqual(alices.status, 201)
        self.assertIsNone(alices.headers["Idempotency-Replayed"])
        self.assertNotEqual(alices.json(), bobs.json())

    def test_a_link_sets_a_cookie_that_only_this_host_gets_and_works_once(self) -> None:
        link = self.session(fresh("link")).json()["connect_url"]
        self.assertTrue(link.startswith(f"{self.running['api_url']}/v1/oauth/notion/start?session="), link)
        start = send("GET", link)
        self.holds_for_every_answer(start, link)
        self.assertEqual(start.status, 302)
        (line,) = start.headers.get_all("Set-Cookie") or []
        (name, morsel) = next(iter(SimpleCookie(line).items()))
        self.assertEqual((name, morsel["path"], morsel["domain"]), ("__Host-oauth", "/", ""))
        self.assertTrue(morsel["secure"] and morsel["httponly"])
        self.assertEqual((morsel["samesite"], morsel["max-age"]), ("Lax", "600"))
        self.assertGreaterEqual(len(morsel.value), 43, "256 bits")
        query = parse_qs(urlsplit(start.location).query)
        self.assertEqual(query["redirect_uri"], [f"{self.running['api_url']}/v1/oauth/notion/callback"])
        self.assertNotIn(morsel.value, start.location)
        again = send("GET", link)
        self.assertEqual(again.status, 303)
        self.assertIn("error=invalid_state", again.location)
        self.assertEqual(again.headers.get_all("Set-Cookie"), None)

    def test_another_browser_cannot_finish_what_one_began(self) -> None:
        browser = Browser()
        start = browser.open(self.session(fresh("link")).json()["connect_url"])
        allowed = browser.press(browser.open(start.location), "Allow")
        stolen = Browser().open(allowed.location)
        self.assertEqual(stolen.status, 303)
        self.assertIn("error=invalid_state", stolen.location)
        self.holds_for_every_answer(stolen, "callback")
        self.assertIn("error=invalid_state", browser.open(allowed.location).location, "and the state is spent")

    def test_who_says_no_comes_back_with_an_error(self) -> None:
        browser = Browser()
        start = browser.open(self.session(fresh("link"), return_to="/videos").json()["connect_url"])
        back = browser.open(browser.press(browser.open(start.location), "Cancel").location)
        self.assertEqual(back.status, 303)
        self.assertEqual(back.location, f"{self.running['console_url']}/videos?error=oauth_denied")

    def test_the_way_back_leads_only_to_places_of_the_deployer(self) -> None:
        for place in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
            self.refused(self.session(fresh("link"), return_to=place), 400, "invalid_return_to", place)

    def test_after_disconnecting_nothing_is_left_to_use(self) -> None:
        self.connect("bob")
        self.assertEqual(self.call("GET", "/v1/connections/notion/databases", user="bob").status, 200)
        gone = self.call("DELETE", "/v1/connections/notion", user="bob")
        self.assertEqual((gone.status, gone.body), (204, b""))
        databases = self.call("GET", "/v1/connections/notion/databases", user="bob")
        self.refused(databases, 409, "not_connected")
        self.refused(self.call("GET", "/v1/connections/notion", user="bob"), 404, "not_found")
        self.refused(self.call("DELETE", "/v1/connections/notion", user="bob"), 404, "not_found")
        self.assertEqual(self.call("GET", "/v1/connections", user="bob").json()["items"], [])
        ticket = self.call("POST", f"/v1/videos/{self.put_video('bob')}/tickets", {"title": "Too late"}, user="bob")
        self.refused(ticket, 409, "not_connected")
        self.connect("bob")
        self.assertEqual(self.call("GET", "/v1/connections/notion", user="bob").json()["status"], "active")


if __name__ == "__main__":
    unittest.main()
