#!/usr/bin/env python3
"""docs/operate/keycloak.md, followed to the letter against a real Keycloak: its realm is realm.json, which has
the settings that the page names and no other.

    tests/keycloak/follow.py <directory of Keycloak 26.4 or later> [<build directory>]

A production register begins with two managers of that realm; an adviser is enrolled by both, signs in by password and
code, and freezes nobody; her application shows a DPoP-bound token of her own; each setting of section 2 that is left out
is refused with the page's words. Everything is on the loopback, in a directory that is removed. Java 17 or later, openssl.
"""
import base64
import hashlib
import hmac
import html
import http.client
import http.cookiejar
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYCLOAK = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
BUILD = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build/release").resolve()
START_S = 300
PASSWORD, OTP = "a long password", "12345678901234567890"
PEOPLE = {name: str(uuid.uuid5(uuid.NAMESPACE_DNS, name + ".example"))
          for name in ("anna", "bruno", "carla", "dora", "alice")}
checks = 0


def check(holds, what, said=""):
    global checks
    checks += 1
    print(("ok    " if holds else "FAIL  ") + what, flush=True)
    if not holds:
        sys.exit("FAILED: %s\n%s" % (what, said))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Place:
    """The operator's directory."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="keycloak-"))
        self.children = []

    def run(self, *words, exit=0):
        done = subprocess.run(words, cwd=self.path, capture_output=True, text=True)
        if exit is not None and done.returncode != exit:
            sys.exit("FAILED: %s gave %d\n%s%s" % (words, done.returncode, done.stdout,
                                                  done.stderr))
        return done

    def start(self, words, log, environment=None):
        with open(self.path / log, "w", encoding="utf-8") as out:
            child = subprocess.Popen(words, cwd=self.path, stdout=out, stderr=subprocess.STDOUT,
                                     env={**os.environ, **(environment or {})},
                                     start_new_session=True)
        self.children.append(child)
        return child

    def end(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(self.path, ignore_errors=True)


def make_certificates(place):
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    place.run("openssl", "req", "-x509", *ec, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
              "-subj", "/CN=ca", "-addext", "basicConstraints=critical,CA:TRUE")
    place.run("openssl", "req", *ec, "-keyout", "server.key", "-out", "server.csr", "-subj",
              "/CN=127.0.0.1")
    (place.path / "san").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    place.run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
              "-days", "2", "-extfile", "san", "-out", "server.pem")
    place.run("openssl", "req", "-x509", *ec, "-keyout", "vault.key", "-out", "vault.pem", "-days",
              "2", "-subj", "/CN=vault")
    place.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "app.key")


class Keycloak:
    def __init__(self, place, vault_url):
        self.port = free_port()
        self.url = "https://127.0.0.1:%d" % self.port
        self.tls = ssl.create_default_context(cafile=str(place.path / "ca.pem"))
        shutil.copytree(KEYCLOAK, place.path / "keycloak", symlinks=True)
        place.start(["keycloak/bin/kc.sh", "start-dev", "--db=dev-mem",
                     "--http-host=127.0.0.1", "--https-port=%d" % self.port,
                     "--http-port=%d" % free_port(),
                     "--https-certificate-file=" + str(place.path / "server.pem"),
                     "--https-certificate-key-file=" + str(place.path / "server.key"),
                     "--hostname=" + self.url], "keycloak.log",
                    {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
                     "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "JAVA_OPTS_APPEND": "-Xmx768m"})
        until = time.monotonic() + START_S
        while not self.answers():
            if time.monotonic() > until:
                sys.exit((place.path / "keycloak.log").read_text())
            time.sleep(1)
        self.make_realm(place, vault_url)

    def answers(self):
        try:
            self.ask("GET", "/realms/master/.well-known/openid-configuration")
            return True
        except (OSError, urllib.error.URLError):
            return False

    def ask(self, method, path, data=None, headers=None):
        request = urllib.request.Request(self.url + path, data=data, headers=headers or {},
                                         method=method)
        with urllib.request.urlopen(request, context=self.tls, timeout=60) as answer:
            return answer.read()

    def admin(self, method, path, body=None):
        form = urllib.parse.urlencode({"grant_type": "password", "client_id": "admin-cli",
                                       "username": "admin", "password": PASSWORD}).encode()
        token = json.loads(self.ask("POST", "/realms/master/protocol/openid-connect/token", form))
        headers = {"authorization": "Bearer " + token["access_token"],
                   "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return self.ask(method, "/admin" + path, data, headers)

    def make_realm(self, place, vault_url):
        realm = json.loads((ROOT / "tests/keycloak/realm.json").read_text())
        vault = realm["clients"][0]
        pem = (place.path / "vault.pem").read_text()
        vault["attributes"]["jwt.credential.certificate"] = "".join(pem.split("\n")[1:-2])
        vault["redirectUris"] = [vault_url + "/v1/sign-ins/callback/kc"]
        realm["users"] = [
            {"id": sub, "username": name, "enabled": True, "email": name + "@example.org",
             "emailVerified": True, "firstName": name, "lastName": "Exemple", "credentials": [
                 {"type": "password", "value": PASSWORD, "temporary": False},
                 {"type": "otp", "secretData": json.dumps({"value": OTP}),
                  "credentialData": json.dumps({"subType": "totp", "digits": 6, "period": 30,
                                                "algorithm": "HmacSHA1", "counter": 0})}]}
            for name, sub in PEOPLE.items()]
        self.admin("POST", "/realms", realm)

    def change_client(self, name, change):
        found = json.loads(self.admin("GET", "/realms/agents/clients?clientId=" + name))[0]
        change(found)
        self.admin("PUT", "/realms/agents/clients/" + found["id"], found)


def one_time_code():
    digest = hmac.new(OTP.encode(), struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000)


class Browser:
    """Follows redirects with cookies, and fills Keycloak's two forms."""

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    def __init__(self, tls):
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=tls), self.Stop,
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.forms = []

    def go(self, url, data=None):
        try:
            with self.opener.open(urllib.request.Request(url, data=data), timeout=60) as answer:
                return answer.status, None, answer.read().decode()
        except urllib.error.HTTPError as error:
            where = error.headers.get("location")
            return error.code, where and urllib.parse.urljoin(url, where), error.read().decode()

    def sign_in(self, url, name, until):
        """Gives the address that begins with `until` and that it was sent to."""
        data = None
        for _ in range(20):
            status, where, body = self.go(url, data)
            data = None
            if where is not None:
                if where.startswith(until):
                    return where
                url = where
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', body)
            if form is None:
                return "status %d: %s" % (status, body[:2000])
            url = html.unescape(form.group(1))
            if 'name="otp"' in body:
                self.forms.append("otp")
                fields = {"otp": one_time_code()}
            else:
                self.forms.append("pwd")
                fields = {"username": name, "password": PASSWORD, "credentialId": ""}
            data = urllib.parse.urlencode(fields).encode()
        return "no end: " + re.sub(r"<[^>]*>|\s+", " ", body)[-1500:]


class Register:
    def __init__(self, place):
        self.place = place
        self.port = free_port()
        self.url = "https://127.0.0.1:%d" % self.port
        self.tls = ssl.create_default_context(cafile=str(place.path / "ca.pem"))
        self.cloison = str(BUILD / "cloison")

    def write_issuers(self, keycloak):
        page = (ROOT / "docs/operate/keycloak.md").read_text()
        tables = re.findall(r"```toml\n(.*?)```", page, re.S)
        if len(tables) != 2:
            sys.exit("the page has other tables")
        client, tokens = tables
        client = client.replace("https://sso.example", keycloak.url)
        client = client.replace("/etc/cloison/kc.pem", str(self.place.path / "vault.key"))
        head, levels = client.split("[issuer.levels]")
        text = ("version = 1\n" + head + tokens + 'ca_file = "%s"\n' % (self.place.path / "ca.pem")
                + "[issuer.levels]" + levels
                + '[[client]]\nname = "cli"\npublic = true\n'
                  'return_urls = ["http://127.0.0.1/signed-in"]\n')
        (self.place.path / "issuers.toml").write_text(text)

    def begin(self):
        run, cloison = self.place.run, self.cloison
        lines = {}
        for name in ("anna", "bruno"):
            lines[name] = run(cloison, "ledger", "officer-key", "--name", "officer." + name,
                              "--out", name + ".key").stdout.strip()
        until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 180 * 86400))
        plan = "officers = [%s]\n" % ", ".join(json.dumps(line) for line in lines.values())
        roles = {"anna": "manager", "bruno": "manager", "carla": "security-officer",
                 "dora": "privacy-officer"}
        for name, role in roles.items():
            plan += ('\n[[principal]]\naccount = "kc:%s"\norganisation = 1\nrole = "%s"\n'
                     'human = "HR-%s"\nexpires = "%s"\n' % (PEOPLE[name], role, name, until))
        (self.place.path / "founders.toml").write_text(plan)
        policy = str(ROOT / "examples/france-travail/policy.toml")
        run(cloison, "init", "statement", "r", "--plan", "founders.toml", "--policy", policy,
            "--issuers", "issuers.toml", "--certificate", "server.pem", "--private-key",
            "server.key", "--client-ca", "ca.pem", "--out", "bootstrap.txt", "--set",
            "identity.public_url=" + self.url, "--set", "listen.port=%d" % self.port, "--set",
            "management.port=0", "--set", "store.cache_mib=16")
        for name in ("anna", "bruno"):
            run(cloison, "init", "sign", "--key", name + ".key", "--policy", policy, "--schema",
                str(ROOT / "schemas/job-seekers.toml"), "--yes", "bootstrap.txt")
        run(cloison, "init", "--production", "--note", "bootstrap.txt", "r")

    def serve(self):
        self.place.start([self.cloison, "serve", "--config", "r/cloison.toml"], "serve.log")
        until = time.monotonic() + 60
        while "ready port=" not in (self.place.path / "serve.log").read_text():
            if time.monotonic() > until:
                sys.exit((self.place.path / "serve.log").read_text())
            time.sleep(0.1)

    def sign_in(self, name, *words):
        """The command line's exit code and words, and the forms that Keycloak showed."""
        out = self.place.path / (name + ".out")
        err = self.place.path / (name + ".err")
        with open(out, "w", encoding="utf-8") as to, open(err, "w", encoding="utf-8") as to_err:
            child = subprocess.Popen(
                [self.cloison, "sign-in", "--issuer", "kc", "--server", self.url, "--ca", "ca.pem",
                 "--session", name + ".session", "--no-browser", "--json", *words],
                cwd=self.place.path, stdout=to, stderr=to_err)
        until = time.monotonic() + 30
        while not out.read_text().endswith("\n") and child.poll() is None and \
                time.monotonic() < until:
            time.sleep(0.05)
        browser = Browser(self.tls)
        if child.poll() is None:
            start = out.read_text().split("\n")[0]
            back = browser.sign_in(start, name, "http://127.0.0.1:")
            if not back.startswith("http://"):
                child.terminate()
                return 99, back, browser.forms
            with urllib.request.urlopen(back, timeout=30):
                pass
        return child.wait(30), out.read_text() + err.read_text(), browser.forms

    def as_(self, name, *words):
        done = self.place.run(self.cloison, *words, "--session", name + ".session", exit=None)
        return done.returncode, done.stdout + done.stderr


class App:
    """An application that has an adviser's token bound to its key, and proves the key."""

    def __init__(self, place, keycloak, register):
        self.place, self.keycloak, self.register = place, keycloak, register
        der = subprocess.run(["openssl", "pkey", "-in", "app.key", "-pubout", "-outform", "DER"],
                             cwd=place.path, capture_output=True, check=True).stdout
        self.jwk = {"crv": "P-256", "kty": "EC", "x": b64(der[-64:-32]), "y": b64(der[-32:])}

    def sign(self, header, claims):
        text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", "app.key"],
                             cwd=self.place.path, input=text.encode(), capture_output=True,
                             check=True).stdout
        numbers, at = b"", 2
        for _ in range(2):
            size = der[at + 1]
            numbers += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
            at += 2 + size
        return text + "." + b64(numbers)

    def proof(self, method, url, nonce=None, token=None):
        claims = {"jti": secrets.token_hex(16), "htm": method, "htu": url, "iat": int(time.time())}
        if nonce is not None:
            claims["nonce"] = nonce
        if token is not None:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        return self.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}, claims)

    def token(self, name, bound=True):
        verifier = secrets.token_urlsafe(48)
        realm = self.keycloak.url + "/realms/agents/protocol/openid-connect"
        back = "http://127.0.0.1:1/back"
        query = {"client_id": "case-app", "response_type": "code", "scope": "openid",
                 "redirect_uri": back, "acr_values": "strong", "code_challenge_method": "S256",
                 "code_challenge": b64(hashlib.sha256(verifier.encode()).digest())}
        where = Browser(self.keycloak.tls).sign_in(
            realm + "/auth?" + urllib.parse.urlencode(query), name, back)
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(where).query)["code"][0]
        form = {"grant_type": "authorization_code", "client_id": "case-app", "code": code,
                "redirect_uri": back, "code_verifier": verifier}
        headers = {"DPoP": self.proof("POST", realm + "/token")} if bound else {}
        answer = json.loads(self.keycloak.ask("POST", "/realms/agents/protocol/openid-connect/token",
                                              urllib.parse.urlencode(form).encode(), headers))
        return answer["access_token"]

    def look(self, token):
        """GET /v1/me/capabilities, twice when the first asks for a nonce."""
        path, nonce = "/v1/me/capabilities", None
        for _ in range(2):
            link = http.client.HTTPSConnection("127.0.0.1", self.register.port,
                                               context=self.register.tls, timeout=30)
            link.request("GET", path, headers={
                "authorization": "DPoP " + token,
                "DPoP": self.proof("GET", self.register.url + path, nonce, token)})
            answer = link.getresponse()
            body, nonce = answer.read().decode(), answer.headers.get("dpop-nonce")
            if answer.status != 401 or "use_dpop_nonce" not in str(answer.headers):
                break
        return answer.status, body + str(answer.headers)


def follow(place):
    make_certificates(place)
    register = Register(place)
    keycloak = Keycloak(place, register.url)
    register.write_issuers(keycloak)
    register.begin()
    register.serve()

    code, said, forms = register.sign_in("anna")
    log = (place.path / "serve.log").read_text()
    check(code == 0 and "kc:" + PEOPLE["anna"] in said, "a founder signs in", said + log)
    check(forms == ["pwd", "otp"], "by password and code", forms)
    check(register.sign_in("bruno")[0] == 0, "so does the other")
    code, said, _ = register.sign_in("alice")
    check(code == 3 and "not_enrolled" in said, "who is nobody is refused", said)
    alice = "kc:" + PEOPLE["alice"]
    code, said = register.as_("anna", "principal", "enrol", alice, "--role", "adviser", "--office",
                              "101", "--manager", "kc:" + PEOPLE["anna"], "--human", "HR-42",
                              "--reason", "HR-12", "--json")
    check(code == 4, "a manager asks to enrol her", said)
    approval = json.loads(said)["approval"]
    code, said = register.as_("bruno", "approval", "approve", approval)
    check(code == 0, "another agrees", said)
    code, said, _ = register.sign_in("alice")
    check(code == 0 and alice in said, "she signs in", said)
    code, said, forms = register.sign_in("alice", "--step-up")
    check(code == 0 and "otp" in forms, "a step-up asks for the code again", said)

    app = App(place, keycloak, register)
    status, said = app.look(app.token("alice"))
    check(status == 200 and alice in said, "her application shows a token bound by DPoP", said)
    token = app.token("alice")
    broken = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    check(app.look(broken)[0] == 401, "an altered token is refused")

    def setting(key, value):
        return lambda client: client["attributes"].__setitem__(key, value)

    def without_mapper(name):
        def change(client):
            for mapper in client["protocolMappers"]:
                if mapper["name"] == name:
                    keycloak.admin("DELETE", "/realms/agents/clients/%s/protocol-mappers/models/%s"
                                   % (client["id"], mapper["id"]))
            client.pop("protocolMappers")
        return change

    rows = [
        ("the type", setting("access.token.header.type.rfc9068", "false"),
         setting("access.token.header.type.rfc9068", "true"), "no access token"),
        ("the algorithm", setting("access.token.signed.response.alg", "RS256"),
         setting("access.token.signed.response.alg", "ES256"), "algorithm"),
        ("the life", setting("access.token.lifespan", "900"),
         setting("access.token.lifespan", "300"), "too long"),
    ]
    for what, change, back, words in rows:
        keycloak.change_client("case-app", change)
        status, said = app.look(app.token("alice"))
        check(status == 401 and words in said, "without the page's setting of %s it is refused: "
              "\"%s\"" % (what, words), said)
        keycloak.change_client("case-app", back)
    check(app.look(app.token("alice"))[0] == 200, "with it again it is taken")
    keycloak.change_client("case-app", setting("dpop.bound.access.tokens", "false"))
    status, said = app.look(app.token("alice", bound=False))
    check(status == 401 and "bound to no key" in said,
          "without the page's setting of DPoP it is refused: \"bound to no key\"", said)
    keycloak.change_client("case-app", setting("dpop.bound.access.tokens", "true"))
    for name, words in (("client_id", "not registered"), ("audience", "another audience")):
        keycloak.change_client("case-app", without_mapper(name))
        status, said = app.look(app.token("alice"))
        check(status == 401 and words in said,
              "without the mapper %s it is refused: \"%s\"" % (name, words), said)
    log = (place.path / "serve.log").read_text()
    check(not any(word in log for word in (*PEOPLE, *PEOPLE.values(), "HR-")),
          "the server's log names nobody", log)
    print("keycloak: %d checks, all hold" % checks)


def main():
    if KEYCLOAK is None or not (KEYCLOAK / "bin/kc.sh").exists():
        sys.exit(__doc__)
    place = Place()
    try:
        follow(place)
    finally:
        place.end()


if __name__ == "__main__":
    main()
