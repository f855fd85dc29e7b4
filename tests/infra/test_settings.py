"""What a caller may put in the place of a stand-in, and what is said when it cannot be used."""

import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from local import secret, stand_ins
from local.report import Failure

SIMULATED = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(stand_ins.SIMULATED, 1001)}


class Settings(unittest.TestCase):
    """The environment of `make run`."""

    def setUp(self) -> None:
        clean = mock.patch.dict("os.environ", clear=True)
        self.environment = clean.start()
        self.addCleanup(clean.stop)

    def give(self, **variables: str) -> None:
        """Sets variables, without their PATCHBAY_."""
        self.environment.update({f"PATCHBAY_{name}": value for name, value in variables.items()})

    def give_secret(self, text: str) -> None:
        """Writes the file of the secret."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name) / "secret.json"
        file.write_text(text)
        self.give(SECRET_FILE=str(file))

    def test_without_settings_everything_goes_to_the_stand_ins(self) -> None:
        chosen = stand_ins.addresses(SIMULATED)
        self.assertEqual(chosen["NotionUrl"], SIMULATED["notion"])
        self.assertEqual(chosen["NotionOauthUrl"], SIMULATED["notion"])
        self.assertEqual(chosen["OpenaiUrl"], f"{SIMULATED['openai']}/v1")
        self.assertEqual((chosen["ZoomUrl"], chosen["ZoomOauthUrl"]), ("", ""))
        self.assertEqual(stand_ins.replaced(), [])

    def test_one_address_replaces_the_api_and_oauth(self) -> None:
        self.give(NOTION_URL="http://127.0.0.1:9001")
        chosen = stand_ins.addresses(SIMULATED)
        self.assertEqual((chosen["NotionUrl"], chosen["NotionOauthUrl"]), ("http://127.0.0.1:9001",) * 2)
        self.give(NOTION_OAUTH_URL="https://id.example.com")
        self.assertEqual(stand_ins.addresses(SIMULATED)["NotionOauthUrl"], "https://id.example.com")
        self.assertEqual(stand_ins.replaced(), ["notion"])

    def test_an_address_that_functions_would_refuse_is_refused_by_name(self) -> None:
        for address in ("http://10.0.0.1:80", "127.0.0.1:9001", "ftp://localhost", "http://", "https://"):
            self.give(OPENAI_URL=address)
            with self.assertRaisesRegex(Failure, "PATCHBAY_OPENAI_URL", msg=address):
                stand_ins.addresses(SIMULATED)
        for address in ("http://localhost:1", "http://[::1]:1", "http://127.1.2.3:1", "http://model.localhost:1"):
            self.give(OPENAI_URL=address)
            self.assertEqual(stand_ins.addresses(SIMULATED)["OpenaiUrl"], address)

    def test_another_speech_server_need_not_name_a_key(self) -> None:
        self.assertIn("deepgram_key_id", secret.local_document())
        self.give(DEEPGRAM_URL="http://127.0.0.1:9003")
        self.assertNotIn("deepgram_key_id", secret.local_document())
        self.give_secret('{"deepgram_key_id":"mine"}')
        self.assertEqual(secret.local_document()["deepgram_key_id"], "mine")

    def test_what_the_file_brings_replaces_what_is_random(self) -> None:
        self.assertNotEqual(secret.local_document()["session_key"], secret.local_document()["session_key"])
        client = {"client_id": "mine", "client_secret": "my-secret"}
        self.give_secret(json.dumps({"providers": {"notion": client}, "openai_api_key": "sk-mine"}))
        document = secret.local_document()
        self.assertEqual((document["providers"]["notion"], document["openai_api_key"]), (client, "sk-mine"))
        self.assertTrue(document["session_key"])

    def test_every_connectable_provider_with_a_stand_in_has_a_client_and_its_ways_back(self) -> None:
        clients = stand_ins.oauth_clients(secret.local_document(), "http://localhost:8787")
        self.assertEqual(set(clients), {"notion", "google"})
        products = ("google-calendar", "google-sheets", "gmail")
        back = [f"http://localhost:8787/v1/oauth/{product}/callback" for product in products]
        self.assertEqual(clients["google"]["redirect_uris"], back)
        self.assertNotEqual(clients["google"]["client_secret"], clients["notion"]["client_secret"])

    def test_a_file_that_cannot_be_used_is_explained(self) -> None:
        for text in ("", "[]", '{"providers":[]}', '{"providers":{"notion":{"client_id":"mine"}}}'):
            self.give_secret(text)
            with self.assertRaisesRegex(Failure, "PATCHBAY_SECRET_FILE", msg=text):
                secret.local_document()
        self.give(SECRET_FILE=str(Path("/nowhere")))
        with self.assertRaisesRegex(Failure, "PATCHBAY_SECRET_FILE"):
            secret.local_document()


if __name__ == "__main__":
    unittest.main()
