"""As much of a browser as a consent page needs: cookies for each host, and forms with buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from .http_client import Answer, send


@dataclass
class Button:
    """A submit button."""

    label: str
    name: str
    value: str


@dataclass
class Form:
    """A form, its fields as they are when the page opens, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._button: Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
        elif tag == "input" and self.forms:
            self._input(self.forms[-1], given, "checked" in given)
        elif tag == "button" and self.forms:
            self._button = Button("", given.get("name", ""), given.get("value", ""))
            self.forms[-1].buttons.append(self._button)

    def _input(self, form: Form, given: dict[str, str], checked: bool) -> None:
        kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
        if kind == "submit":
            form.buttons.append(Button(value, name, value))
        elif kind == "checkbox":
            form.boxes.append((name, value or "on"))
            if checked:
                form.fields.append((name, value or "on"))
        elif name and (kind != "radio" or checked):
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.label += data.strip()


def forms(page: str) -> list[Form]:
    """The forms of a page."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


class Browser:
    """Remembers cookies and where it is."""

    def __init__(self) -> None:
        self.at = ""
        self._cookies: dict[str, dict[str, str]] = {}

    def cookies(self, url: str) -> dict[str, str]:
        """The cookies a host has set. A browser treats localhost as secure, so `Secure` ones count as well."""
        return self._cookies.setdefault(urlsplit(url).hostname or "", {})

    def open(self, url: str) -> Answer:
        """Goes to an address; a redirect is answered, not followed."""
        return self._go("GET", url, None)

    def press(self, page: Answer, label: str) -> Answer:
        """Presses the button of this label in the page just opened, with every box ticked."""
        for form in forms(page.text()):
            for button in form.buttons:
                if button.label.lower().startswith(label.lower()):
                    return self._submit(form, button)
        raise ValueError(f"the page at {self.at} has no button {label!r}")

    def _submit(self, form: Form, button: Button) -> Answer:
        fields = form.fields + [box for box in form.boxes if box not in form.fields]
        if button.name:
            fields = [*fields, (button.name, button.value)]
        target = urljoin(self.at, form.action or self.at)
        if form.method == "GET":
            return self._go("GET", f"{target.split('?')[0]}?{urlencode(fields)}", None)
        return self._go("POST", target, urlencode(fields).encode())

    def _go(self, method: str, url: str, body: bytes | None) -> Answer:
        self.at = url
        jar = self.cookies(url)
        headers = {"Accept": "text/html"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = send(method, url, headers, body)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.value
        return answer
