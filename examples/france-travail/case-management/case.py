#!/usr/bin/env python3
"""A small case-management application: advisers sign in through it, see whom they follow, open a
record, ask for access, and write down appointments of their colleagues.

    case.py --vault https://vault.example --ca ca.pem --certificate case.pem --key case.key \\
        --issuer proconnect --url https://case.example --listen 127.0.0.1:8443 \\
        --tls-certificate web.pem --tls-key web.key

--certificate is what the vault knows this application by. Nothing of a record is kept: a page is
made of what the vault answered, and forgotten. The token of an adviser's session stays here; their
browser has a cookie of ours. Python's standard library is all it needs.
"""
import argparse
import collections
import html
import http.client
import http.cookies
import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse
import uuid

SESSION_S = 8 * 3600  # the vault's own end after 15 minutes without use
FORM_BYTES_MAX = 4_096
REFERENCE_MAX = 128  # bytes, as the vault takes them
COOKIE, BEGUN = "__Host-case", "__Host-begun"
BEGUN_S = 600  # the way to the provider and back
COUNTERS = {"opened": "people opened", "opened_off_caseload": "of whom not followed",
            "glimpsed": "people seen in part"}

Answer = collections.namedtuple("Answer", "status body")


class Vault:
    """The vault's API over this application's certificate. What is answered with 503 is asked once
    more: nothing was shown, and what changes something carries the same key."""

    def __init__(self, url, ca, certificate, key):
        self._at = urllib.parse.urlsplit(url)
        self._tls = ssl.create_default_context(cafile=ca)
        self._tls.load_cert_chain(certificate, key)

    def ask(self, method, path, body=None, token=None):
        headers = {"content-type": "application/json", "idempotency-key": uuid.uuid4().hex}
        if token is not None:
            headers["authorization"] = "Bearer " + token
        answer = self._send(method, path, body, headers)
        if answer.status == 503:
            time.sleep(min(answer.body.get("retry_after_s", 1), 5))
            answer = self._send(method, path, body, headers)
        return answer

    def _send(self, method, path, body, headers):
        link = http.client.HTTPSConnection(self._at.hostname, self._at.port, context=self._tls,
                                           timeout=20)
        try:
            link.request(method, path, None if body is None else json.dumps(body), headers)
            response = link.getresponse()
            return Answer(response.status, json.loads(response.read()))
        except (OSError, ValueError, http.client.HTTPException):
            return Answer(503, {"code": "unreachable", "title": "The register is out of reach"})
        finally:
            link.close()


class Session:
    """Of one browser: what it may do here, and the adviser's session at the vault."""

    def __init__(self):
        self.until = time.monotonic() + SESSION_S
        self.form = secrets.token_urlsafe(16)  # a form of another site does not know it
        self.token = None
        self.me = None  # capabilities: what the policy gives this adviser
        self.caseload = None  # two a day: it is asked for when the adviser wants it
        self.budget = None


class Sessions:
    def __init__(self, most):
        self._lock = threading.Lock()
        self._most = most
        self._kept = collections.OrderedDict()

    def find(self, cookie):
        with self._lock:
            session = self._kept.get(cookie)
        return session if session is not None and session.until > time.monotonic() else None

    def add(self, session):
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._kept[cookie] = session
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return cookie

    def drop(self, cookie):
        with self._lock:
            self._kept.pop(cookie, None)


class Begun:
    """How many sign-ins each address began in this minute: strangers reach that page too, and the
    vault counts them all as this application's."""

    def __init__(self, most):
        self._lock = threading.Lock()
        self._most = most
        self._minute, self._counts = 0, {}

    def one_more(self, address):
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[address] = self._counts.get(address, 0) + 1
            return self._counts[address] <= self._most


def first_bytes(words, most):
    """As much of a text as fits into so many bytes."""
    return words.encode()[:most].decode(errors="ignore")


def text(value):
    return html.escape(str(value), quote=True)


def table(rows):
    cells = ("<tr>" + "".join("<td>" + text(cell) + "</td>" for cell in row) + "</tr>"
             for row in rows)
    return "<table>" + "".join(cells) + "</table>"


def choices(me):
    """What this adviser may open, by the policy: purpose and relation -> fields. This program names
    no field."""
    found = {}
    for grant in me["grants"]:
        if grant["relation"] in ("caseload", "explained", "any") and \
                grant["form"] in ("plain", "masked"):
            fields = found.setdefault((grant["purpose"], grant["relation"]), set())
            fields.update(grant["fields"])
    return {"/".join(key): sorted(fields) for key, fields in sorted(found.items())}


# What an adviser reads when the vault says no, by the code of its answer.
REFUSALS = {
    "not_available": "Not available. Either nobody has this code or the record is not yours to "
                     "open; the register tells neither. If you need it, ask for access.",
    "budget_spent": "You have opened as many people as your work is expected to need.",
    "step_up_required": "Before this, the register wants to know again that it is you.",
    "principal_frozen": "Your account is frozen. Call your security officer.",
    "approval_required": "Somebody else must agree first.",
    "purpose_refused": "The purpose you chose does not give this.",
    "held_back": "Your account is held back until somebody has looked at it. Call your security "
                 "officer.",
    "unreachable": "The register is out of reach. Nothing was shown. Try again in a minute.",
}


class Desk(http.server.BaseHTTPRequestHandler):
    """One request of a browser."""
    timeout = 20
    vault = sessions = begun = settings = None  # set once, by main

    # ---- pages

    def home(self, session, _form):
        if session is None or session.token is None:
            return self.page(None, '<p><a href="/sign-in">Sign in</a></p>')
        parts = [self.form(session, "/caseload", "Show whom I follow (twice a day)"),
                 self.open_form(session, ""), self.appointment_form(session)]
        if session.caseload is not None:
            parts.insert(1, self.caseload_table(session))
        return self.page(session, "".join(parts))

    def caseload_page(self, session, _form):
        answer = self.vault.ask("GET", "/v1/me/caseload", token=session.token)
        if answer.status != 200:
            return self.refused(session, answer)
        session.caseload = answer.body["rows"]
        session.budget = answer.body["budget"]
        return self.home(session, {})

    def open_page(self, session, form):
        """Opens what the policy gives for the chosen purpose, on the record."""
        fields = choices(session.me).get(form.get("what"))
        if fields is None:
            return self.page(session, "<p>Choose a purpose.</p>", 400)
        answer = self.vault.ask("POST", "/v1/disclosures", {
            "person": form.get("person", ""), "fields": fields,
            "purpose": form["what"].split("/")[0], "case_ref": form.get("case_ref", "")},
            session.token)
        if answer.status != 201:
            return self.refused(session, answer, form.get("person", ""))
        session.budget = answer.body["budget"]
        shown = answer.body["disclosures"][0]
        return self.page(session, "<h2>Record " + text(shown["person"]) + "</h2>"
                         + table(shown["fields"].items()) + "<p>Recorded as entry "
                         + text(shown["receipt"]["index"]) + ".</p>")

    def ask_page(self, session, form):
        """The one door of whoever meets "not available": somebody else answers."""
        answer = self.vault.ask("POST", "/v1/access-requests", {
            "person": form.get("person", ""), "reason": form.get("reason", "")}, session.token)
        if answer.status != 202:
            return self.refused(session, answer)
        return self.page(session, "<p>Asked as " + text(answer.body["approval"])
                         + ". Your manager answers until " + text(answer.body["expires"]) + ".</p>")

    def appointment_page(self, session, form):
        """A colleague's appointment lets that colleague open the person for seven days. The
        application says so in its own name, never for whoever is at the keyboard, and names
        them in the reference: whoever reviews the entry sees who vouched."""
        if form.get("agent") == session.me["principal"]:
            said = "<p>Somebody else must write down your appointments.</p>"
            return self.page(session, said, 403)
        reference = session.me["principal"] + " " + form.get("reference", "")
        answer = self.vault.ask("POST", "/v1/explanations", {"explanations": [{
            "agent": form.get("agent", ""), "person": form.get("person", ""),
            "kind": "appointment", "reference": first_bytes(reference.strip(), REFERENCE_MAX)}]})
        if answer.status != 200:
            return self.refused(session, answer)
        return self.page(session, "<p>Written down.</p>")

    # ---- signing in

    def sign_in(self, session, form):
        """Sends the browser to the agency's identity provider, by the vault. What was begun stays
        in that browser: whoever asks for this page and goes away leaves nothing here."""
        if not self.begun.one_more(self.client_address[0]):
            return self.page(None, "<p>Too many sign-ins from here. Try again in a minute.</p>",
                             429)
        body = {"issuer": self.settings.issuer, "return_url": self.settings.url + "/signed-in"}
        token = None if session is None else session.token
        if token is not None or form.get("again") == "1":
            body["step_up"] = True
        answer = self.vault.ask("POST", "/v1/sign-ins", body, token)
        if answer.status != 201:
            return self.refused(None, answer)
        self.set_cookie(BEGUN, answer.body["sign_in"], BEGUN_S)
        return self.redirect(answer.body["url"])

    def signed_in(self, session, form):
        """Takes the handle for the sign-in that this very browser began."""
        begun = self.cookie(BEGUN)
        if begun == "" or "handle" not in form:
            return self.page(None, '<p>Nobody signed in. <a href="/sign-in">Again</a></p>', 400)
        self.set_cookie(BEGUN, "", 0)
        answer = self.vault.ask("POST", "/v1/sessions",
                                {"sign_in": begun, "handle": form["handle"]})
        if answer.status == 401 and answer.body["code"] == "step_up_required":
            return self.redirect("/sign-in?again=1")  # a new device: once more, now
        if answer.status != 201:
            return self.refused(None, answer)
        session = session or Session()
        session.token = answer.body["token"]
        me = self.vault.ask("GET", "/v1/me/capabilities", token=session.token)
        if me.status != 200:
            return self.refused(None, me)
        session.me, session.budget = me.body, me.body["budget"]
        self.sessions.drop(self.cookie())
        self.set_cookie(COOKIE, self.sessions.add(session))  # one that nobody saw before
        return self.redirect("/")

    def sign_out(self, session, _form):
        self.vault.ask("POST", "/v1/sessions:end", {}, session.token)
        self.sessions.drop(self.cookie())
        return self.page(None, '<p>Signed out. <a href="/sign-in">Sign in</a></p>')

    # ---- what the vault refuses

    def refused(self, session, answer, person=None):
        code = answer.body.get("code", "")
        parts = ["<p>" + text(REFUSALS.get(code, answer.body.get("title", code))) + "</p>"]
        if code == "unauthenticated":
            self.sessions.drop(self.cookie())
            return self.page(None, '<p>Your session has ended. <a href="/sign-in">Sign in</a></p>',
                             401)
        if session is not None and "budget" in answer.body:
            session.budget = answer.body["budget"]
        if code == "step_up_required":
            parts.append('<p><a href="/sign-in">Sign in again, then repeat it</a></p>')
        if code == "budget_spent":
            spent = answer.body.get("decision", {})
            own = spent.get("scope", "principal") == "principal"
            parts.append("<p>Spent: " + text(spent.get("budget", spent.get("rule", ""))) + ", of "
                         + ("your account" if own else "the " + text(spent["scope"])) + ". More in "
                         + text(answer.body.get("retry_after_s", "")) + " s"
                         + (", or your manager asks for a raise" if spent.get("approval") == "raise"
                            else "") + ".</p>")
        if code == "not_available" and person:
            parts.append(self.form(session, "/ask", "Ask for access",
                                   '<input name="reason" maxlength="128" required '
                                   'placeholder="why, in a few words">', person=person))
        return self.page(session, "".join(parts), answer.status)

    # ---- parts of pages

    def form(self, session, action, label, inside="", **hidden):
        fields = "".join('<input type="hidden" name="%s" value="%s">' % (text(name), text(value))
                         for name, value in {"form": session.form, **hidden}.items())
        return ('<form method="post" action="' + action + '">' + fields + inside
                + "<button>" + text(label) + "</button></form>")

    def open_form(self, session, person):
        options = "".join("<option>" + text(what) + "</option>" for what in choices(session.me))
        return self.form(session, "/open", "Open",
                         '<input name="person" required maxlength="64" placeholder="code" value="'
                         + text(person) + '"><select name="what">' + options
                         + '</select><input name="case_ref" maxlength="64" placeholder="case">')

    def appointment_form(self, session):
        return self.form(session, "/appointment", "Write down a colleague's appointment",
                         '<input name="person" required maxlength="64" placeholder="code">'
                         '<input name="agent" required maxlength="64" placeholder="colleague">'
                         '<input name="reference" maxlength="64" placeholder="reference">')

    def caseload_table(self, session):
        rows = ("<tr><td>" + text(row["person"]) + "</td><td>"
                + text(" ".join(row["fields"].values())) + "</td></tr>"
                for row in session.caseload)
        return '<table class="caseload">' + "".join(rows) + "</table>"

    def budget_table(self, session):
        rows = [(label, session.budget[name]["hour"], session.budget[name]["day"])
                for name, label in COUNTERS.items()]
        return '<aside><h2>Left</h2>' + table([("", "this hour", "today"), *rows]) + "</aside>"

    def page(self, session, body, status=200):
        top = ""
        if session is not None and session.me is not None:
            top = ("<p>" + text(session.me["principal"]) + "</p>" + self.budget_table(session)
                   + self.form(session, "/sign-out", "Sign out"))
        return status, ('<!doctype html><html lang="en"><meta charset="utf-8"><title>Cases</title>'
                        + top + body + '<p><a href="/">Home</a></p></html>'), {}

    def redirect(self, url):
        return 303, "", {"location": url}

    # ---- HTTP

    GET = {"/": home, "/sign-in": sign_in, "/signed-in": signed_in}
    POST = {"/caseload": caseload_page, "/open": open_page, "/ask": ask_page,
            "/appointment": appointment_page, "/sign-out": sign_out}

    def cookie(self, name=COOKIE):
        found = http.cookies.SimpleCookie(self.headers.get("cookie", "")).get(name)
        return "" if found is None else found.value

    def set_cookie(self, name, value, age_s=None):
        # Lax: the browser comes back from the provider with it.
        age = "" if age_s is None else "; Max-Age=%d" % age_s
        self.new_cookies.append(name + "=" + value + "; Path=/; Secure; HttpOnly; SameSite=Lax"
                                + age)

    def answer(self, handlers, form):
        self.new_cookies = []
        at = urllib.parse.urlsplit(self.path)
        session = self.sessions.find(self.cookie())
        handler = handlers.get(at.path)
        if handler is None:
            result = self.page(session, "<p>There is nothing here.</p>", 404)
        elif handlers is self.POST and (session is None or session.token is None):
            result = self.page(None, '<p><a href="/sign-in">Sign in</a></p>', 401)
        elif handlers is self.POST and not secrets.compare_digest(
                form.get("form", "").encode(), session.form.encode()):
            result = self.page(None, "<p>This form is of another session.</p>", 403)
        else:
            given = form if handlers is self.POST else dict(urllib.parse.parse_qsl(at.query))
            result = handler(self, session, given)
        self.send(*result)

    def send(self, status, body, headers):
        data = body.encode()
        self.send_response(status)
        for name, value in {"content-type": "text/html; charset=utf-8", "cache-control": "no-store",
                            "referrer-policy": "no-referrer", "x-content-type-options": "nosniff",
                            "content-security-policy": "default-src 'none'; form-action 'self'; "
                                                       "frame-ancestors 'none'",
                            "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        for cookie in self.new_cookies:
            self.send_header("set-cookie", cookie)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer(self.GET, {})

    def do_POST(self):
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > FORM_BYTES_MAX:
            self.close_connection = True
            self.new_cookies = []
            return self.send(*self.page(None, "<p>Too much.</p>", 413))
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(size)).decode("utf-8", "replace")))
        return self.answer(self.POST, form)

    def log_message(self, *_):
        """Nothing: the record of who looked at whom is the vault's."""


def main():
    arguments = argparse.ArgumentParser(description="A small case-management application.")
    for name in ("vault", "ca", "certificate", "key", "issuer", "url", "tls-certificate",
                 "tls-key"):
        arguments.add_argument("--" + name, required=True)
    arguments.add_argument("--listen", default="127.0.0.1:8443")
    arguments.add_argument("--sessions", type=int, default=10_000, help="kept at most")
    arguments.add_argument("--begun-per-minute", type=int, default=120,
                           help="sign-ins that one address begins: an office may share one")
    settings = arguments.parse_args()
    Desk.vault = Vault(settings.vault, settings.ca, settings.certificate, settings.key)
    Desk.sessions = Sessions(settings.sessions)
    Desk.begun = Begun(settings.begun_per_minute)
    Desk.settings = settings
    host, port = settings.listen.rsplit(":", 1)
    server = http.server.ThreadingHTTPServer((host, int(port)), Desk)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(settings.tls_certificate, settings.tls_key)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("ready port=%d" % server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
