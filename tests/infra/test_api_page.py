"""The page on which the API was agreed, where it is at hand: others build on it too, so it is not among the sources."""

import re
import sys
import unittest

from local import folders

from contract import ROUTES
from policy import TEMPLATE

PAGE = folders.ROOT.parent / "shared" / "design" / "API.md"

# On the page, not built yet: mappings and syncs of connections, campaigns, a CRM in Notion with webhooks, the console.
NOT_BUILT = {
    "GET /v1/connections/{provider}/field-mappings",
    "PUT /v1/connections/{provider}/field-mappings",
    "POST /v1/connections/{provider}/field-mappings/preview",
    "POST /v1/connections/{provider}/syncs",
    "GET /v1/connections/{provider}/sync-logs",
    "GET /v1/campaigns",
    "PUT /v1/campaigns/{id}",
    "GET /v1/campaigns/{id}",
    "DELETE /v1/campaigns/{id}",
    "PUT /v1/campaigns/{id}/tracked-emails/{thread_id}",
    "POST /v1/crm/setup",
    "PUT /v1/crm/databases",
    "GET /v1/crm",
    "GET /v1/crm/audit",
    "POST /v1/webhook-endpoints",
    "GET /v1/webhook-endpoints",
    "DELETE /v1/webhook-endpoints/{id}",
    "POST /v1/hooks/calcom/{endpoint_id}",
    "POST /v1/hooks/stripe/{endpoint_id}",
    "POST /v1/hooks/zoom/{endpoint_id}",
    "POST /v1/hooks/gmail",
    "POST /v1/hooks/airtable/{endpoint_id}",
    "POST /v1/events",
    *(
        f"GET /{page}"
        for page in ("", "integrations", "videos", "plans", "campaigns", "crm", "usage", "login", "logout")
    ),
}
# Built, and not on the page.
ADDED = {
    "POST /v1/jobs/{id}/cancel": "the page has the status `cancelled` and no way to it",
    "POST /v1/jobs/{id}/undo": "what an export did can be taken back",
    "$default": "what no route matches is answered by us, since the gateway's own 404 is no problem document",
}
# The page lets `api` take the request and another function do the work. A dry run is the same run without writes, so
# that planning and doing are one piece of code in one function, which has the route as well.
WHO_WORKS_ANSWERS = {
    "POST /v1/plans/{id}/exports": "api → notion-export",
    "POST /v1/plans/{id}/calendar-syncs": "api → calendar-sync",
}
# A FIFO queue cannot be shared by functions, so each that works has its own instead of one for jobs and one for events.
NOT_GIVEN = {"PATCHBAY_EVENTS_QUEUE_URL"}
GIVEN_BESIDES = {
    "PATCHBAY_TRANSCRIPTION_QUEUE_URL": "the queue of ticket-extraction",
    "PATCHBAY_CALENDAR_QUEUE_URL": "the queue of calendar-sync",
    "PATCHBAY_LLM_MODEL": "which model drafts is the deployer's choice",
}


class Page(unittest.TestCase):
    """What the page agrees, and what was built."""

    page: str

    @classmethod
    def setUpClass(cls) -> None:
        if not PAGE.is_file():
            print(f"skipped: no page of the API at {PAGE}", file=sys.stderr)
            raise unittest.SkipTest("the page on which the API was agreed is not kept with the sources")
        cls.page = PAGE.read_text()

    def test_every_route_is_on_the_page_or_said_to_be_added_and_the_other_way_round(self) -> None:
        agreed = _routes(self.page)
        self.assertEqual(set(agreed) - set(ROUTES), NOT_BUILT)
        self.assertEqual(set(ROUTES) - set(agreed), set(ADDED))

    def test_every_route_is_answered_by_the_function_that_the_page_names(self) -> None:
        agreed = _routes(self.page)
        others = {it: agreed[it] for it, (function, _) in ROUTES.items() if agreed.get(it, function) != function}
        self.assertEqual(others, WHO_WORKS_ANSWERS)
        for route, named in others.items():
            self.assertEqual(named.split(" → ")[1], ROUTES[route][0])

    def test_the_functions_are_given_the_variables_that_the_page_names(self) -> None:
        agreed = _variables(self.page)
        given = {it for it in TEMPLATE["Globals"]["Function"]["Environment"]["Variables"] if it.startswith("PATCHBAY_")}
        self.assertEqual(agreed - given, NOT_GIVEN)
        self.assertEqual(given - agreed, set(GIVEN_BESIDES))


def _section(page: str, title: str) -> str:
    return page.split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]


def _rows(section: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line.strip().strip("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines[2:]]


def _routes(page: str) -> dict[str, str]:
    """Every route on the page with the function it names. A cell may say several, the later ones in short."""
    routes: dict[str, str] = {}
    for cell, function, *_ in _rows(_section(page, "Routes")):
        methods, path = ["GET"], ""
        for span in re.findall(r"`([^`]+)`", cell.replace("`/`", "/")):
            said = re.fullmatch(r"((?:GET|PUT|POST|PATCH|DELETE)(?:/[A-Z]+)*)?\s?((?:/|…/)[^?\s]*)?(?:\?\S*)?", span)
            if said is None:
                continue
            if said[2]:
                path = _in_full(said[2], path, said[1] is None)
            methods = said[1].split("/") if said[1] else methods
            routes |= {f"{method} {path}": function for method in methods}
    return routes


def _in_full(path: str, before: str, is_sibling: bool) -> str:
    """A path that continues the one before it (`…/preview`) or differs from it in its end (`/gmail`)."""
    if path.startswith("…/"):
        first = path.split("/")[1]
        return before.split(f"/{first}")[0] + path[1:]
    return f"{before.rsplit('/', 1)[0]}{path}" if is_sibling else path


def _variables(page: str) -> set[str]:
    """Every variable on the page, with those it abbreviates for the providers."""
    named = set(re.findall(r"`(PATCHBAY_[A-Z_]+)`", page))
    for name, _, oauth, *_ in _rows(_section(page, "Configuration")):
        named |= {f"PATCHBAY_{name}_URL"} | ({f"PATCHBAY_{name}_OAUTH_URL"} if oauth != "–" else set())
    return named


if __name__ == "__main__":
    unittest.main()
