#!/usr/bin/env python3
"""A second verifier of Cloison's ledger, written from docs/format/ledger.md alone.

    verify.py DIR --key FILE [--witness FILE]... [--person FILE]... [--officer FILE]

Checks a published log in a directory: the log's signature and those of the witnesses given, every
tile of every level, the root; and files of opened entries against it. Ends with 0 and "good", or
with 1 and the first thing that is wrong; 2 when it was called wrongly. Of files it repeats nothing.

How it was written: with the document at hand and nothing else, sharing no code with src/verify; but
by the author of both, not by a stranger. Where the document lacked something it was added there. The
test beside it holds the two verifiers against each other, on good logs and on bad ones.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTE_BYTES_MAX = 65536
SIGNATURES_MAX = 100
TAGS_AHEAD = 1024
KINDS = ["disclosure", "glimpse", "refusal", "change", "erasure", "rights", "approval", "freeze",
         "key_or_policy", "incident", "unseal", "load", "aggregate"]
FORMS = ["plain", "masked", "exists", "matches"]
DECISIONS = ["allow", "refuse", "miss"]


class Fault(Exception):
    pass


def require(holds, text):
    if not holds:
        raise Fault(text)


# ---- bytes

def from_base64(text, what):
    require(isinstance(text, str), what + ": no base64")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Fault(what + ": no base64") from error
    require(base64.b64encode(data).decode() == text, what + ": another spelling of base64")
    return data


def label(text):
    return b"cloison/1/" + text.encode() + b"\0"


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def u64(number):
    return number.to_bytes(8, "big")


# ---- the tree

def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def check_inclusion(index, size, leaf, proof, root, what):
    require(index < size, what + ": an index outside the log")
    f, l, r = index, size - 1, leaf
    for p in proof:
        require(l != 0, what + ": a proof too long")
        if f % 2 == 1 or f == l:
            r = node(p, r)
            while f % 2 == 0 and f != 0:
                f, l = f // 2, l // 2
        else:
            r = node(r, p)
        f, l = f // 2, l // 2
    require(l == 0 and r == root, what + ": the proof does not lead to the root")


# ---- keys, notes, checkpoints

class Key:
    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        require(len(parts) == 3, "not a vkey")
        self.text, self.name = vkey, parts[0]
        require(re.fullmatch("[0-9a-f]{8}", parts[1]), "a key id that is none")
        data = from_base64(parts[2], "vkey")
        require(len(data) == 33, "a vkey of another length")
        self.type, self.id = data[0], bytes.fromhex(parts[1])
        require(self.type in (1, 4), "a vkey of an unknown type")
        digest = hashlib.sha256(self.name.encode() + b"\n" + data).digest()
        require(digest[:4] == self.id, "a key id that is not the key's")
        self.public = Ed25519PublicKey.from_public_bytes(data[1:])
        self.log_id = hashlib.sha256(vkey.encode()).digest()[:8].hex()

    def verify(self, signature, text):
        if self.type == 4:
            require(len(signature) == 72, self.name + ": a cosignature of another length")
            seconds = int.from_bytes(signature[:8], "big")
            text = b"cosignature/v1\ntime %d\n" % seconds + text
            signature = signature[8:]
        try:
            self.public.verify(signature, text)
        except InvalidSignature as error:
            raise Fault(self.name + ": the signature is wrong") from error


def parse_note(data, what):
    require(len(data) <= NOTE_BYTES_MAX, what + ": too long for a note")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(what + ": not UTF-8") from error
    cut = whole.rfind("\n\n")
    require(cut >= 0 and whole.endswith("\n"), what + ": not a note")
    text, lines = whole[:cut + 1], whole[cut + 2:].split("\n")[:-1]
    require(0 < len(lines) <= SIGNATURES_MAX, what + ": no signatures, or too many")
    require(all(c == "\n" or (ord(c) >= 32 and ord(c) != 127) for c in text),
            what + ": a control character")
    signatures = []
    for line in lines:
        found = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        require(found, what + ": not a signature line")
        blob = from_base64(found[2], what)
        require(len(blob) > 4, what + ": a signature of no bytes")
        signatures.append((found[1], blob[:4], blob[4:]))
    return text, signatures


def signed_by(key, note):
    text, signatures = note
    mine = [blob for name, key_id, blob in signatures if (name, key_id) == (key.name, key.id)]
    for blob in mine:
        key.verify(blob, text.encode())
    return bool(mine)


def open_checkpoint(data, key, what):
    note = parse_note(data, what)
    require(signed_by(key, note), what + ": not signed by the log")
    lines = note[0].split("\n")
    require(len(lines) == 4 and lines[3] == "", what + ": not a checkpoint")
    require(lines[0] == key.name, what + ": a checkpoint of another log")
    require(re.fullmatch("0|[1-9][0-9]{0,12}", lines[1]), what + ": a size that is none")
    root = from_base64(lines[2], what)
    require(len(root) == 32, what + ": a root of another length")
    return note, int(lines[1]), root


# ---- tiles

def tile_path(kind, index, width):
    groups = [str(index)[::-1][i:i + 3][::-1] for i in range(0, len(str(index)), 3)][::-1]
    groups[0] = groups[0].rjust(3, "0")
    path = "tile/%s/%s" % (kind, "/".join(["x" + g for g in groups[:-1]] + groups[-1:]))
    return path if width == 256 else path + ".p/%d" % width


def entries_of(bundle, width, what):
    entries, at = [], 0
    for _ in range(width):
        require(at + 2 <= len(bundle), what + ": the bundle ends too early")
        size = int.from_bytes(bundle[at:at + 2], "big")
        require(at + 2 + size <= len(bundle), what + ": the bundle ends too early")
        entries.append(bundle[at + 2:at + 2 + size])
        at += 2 + size
    require(at == len(bundle), what + ": something follows the entries")
    return entries


class Log:
    """Verified when it is made. `wanted` sizes: their roots are kept in `roots`."""

    def __init__(self, directory, key, witnesses, wanted, on_entry):
        self.directory, self.key = directory, key
        note, self.size, self.root = open_checkpoint(self.read("checkpoint"), key, "checkpoint")
        for witness in witnesses:
            require(witness.type == 4 and signed_by(witness, note),
                    "checkpoint: not signed by " + witness.name)
        self.levels, self.counts = [[]], [0]
        self.roots = {}
        for index in range((self.size + 255) // 256):
            self.bundle(index, min(256, self.size - 256 * index), wanted, on_entry)
        for level in range(1, len(self.levels)):
            if self.levels[level]:
                self.check_tile(level)
        require(self.root_now() == self.root, "checkpoint: another root than that of the entries")
        self.roots[self.size] = self.root

    def read(self, path):
        try:
            with open(os.path.join(self.directory, path), "rb") as file:
                return file.read(256 * 65537 + 1)
        except OSError as error:
            raise Fault(path + ": not there") from error

    def bundle(self, index, width, wanted, on_entry):
        path = tile_path("entries", index, width)
        for offset, entry in enumerate(entries_of(self.read(path), width, path)):
            self.levels[0].append(leaf_hash(entry))
            on_entry(256 * index + offset, entry)
            if 256 * index + offset + 1 in wanted:
                self.roots[256 * index + offset + 1] = self.root_now()
        self.check_tile(0)
        level = 0
        while len(self.levels[level]) == 256:
            if level > 0:
                self.check_tile(level)
            if level + 1 == len(self.levels):
                self.levels.append([])
                self.counts.append(0)
            self.levels[level + 1].append(root_of(self.levels[level]))
            self.levels[level] = []
            self.counts[level] += 1
            level += 1

    def check_tile(self, level):
        hashes = self.levels[level]
        path = tile_path(str(level), self.counts[level], len(hashes))
        require(self.read(path) == b"".join(hashes), path + ": not the hashes of what is below it")

    def root_now(self):
        below = []
        for hashes in self.levels:
            if hashes or below:
                below = [root_of(hashes + below)]
        return below[0] if below else hashlib.sha256(b"").digest()


# ---- opened entries

def items_of(part, what):
    items, at, last = {}, 0, 0
    while at < len(part):
        require(at + 3 <= len(part), what + ": an item that ends too early")
        tag, size = part[at], int.from_bytes(part[at + 1:at + 3], "big")
        require(tag > last and at + 3 + size <= len(part), what + ": items that do not fit")
        items[tag] = part[at + 3:at + 3 + size]
        at, last = at + 3 + size, tag
    return items


def time_text(item):
    milliseconds = int.from_bytes(item, "big")
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (milliseconds % 1000)


class Files:
    """What files of opened entries say of one log, before it is read."""

    def __init__(self, key):
        self.key = key
        self.leaves = {}   # index to leaf
        self.heads = {}    # size to root and whether it may be newer than what is published
        self.checkpoints = {}

    def claim(self, row, what):
        index, proof = row["index"], row["proof"]
        require(proof["log_id"] == self.key.log_id, what + ": a row of another log")
        leaf = from_base64(proof["leaf"], what)
        require(len(leaf) == 98 and leaf[:2] == b"\1\0", what + ": not a leaf")
        require(self.leaves.setdefault(index, leaf) == leaf, what + ": two leaves at one index")
        if not proof.get("proof_pending"):
            self.prove(index, leaf, proof, what)
        return leaf

    def prove(self, index, leaf, proof, what):
        head, _, checkpoint = proof["tlog_proof"].partition("\n\n")
        lines = head.split("\n")
        require(lines[0] == "c2sp.org/tlog-proof@v1", what + ": not a proof")
        lines = [line for line in lines[1:] if not line.startswith("extra ")]
        require(lines and lines[0] == "index %d" % index, what + ": a proof of another index")
        hashes = [from_base64(line, what) for line in lines[1:]]
        if checkpoint not in self.checkpoints:
            _, size, root = open_checkpoint(checkpoint.encode(), self.key, what)
            self.checkpoints[checkpoint] = size, root
        size, root = self.checkpoints[checkpoint]
        newer = not proof.get("published", True)
        require(self.heads.setdefault(size, (root, newer))[0] == root, what + ": two roots")
        check_inclusion(index, size, leaf_hash(leaf), hashes, root, what)

    def opened(self, proof, side, leaf, what):
        randomness = from_base64(proof[side + "_randomness"], what)
        part = from_base64(proof[side + "_part"], what)
        at, name = (2, "subj") if side == "subject" else (34, "actor")
        require(len(randomness) == 32 and mac(randomness, label(name) + part) == leaf[at:at + 32],
                what + ": the leaf does not commit to the %s part" % side)
        items = items_of(part, what)
        require(items.get(1, b"").hex() == self.key.log_id, what + ": a part of another log")
        return items

    def against(self, log):
        for size, (root, newer) in self.heads.items():
            require(size <= log.size or newer, "the log is shorter than it was published before")
            require(size > log.size or size == 0 or log.roots[size] == root,
                    "a checkpoint of the file is none of the log")


def said(row, subject, actor):
    """What the parts say in words, as a row must."""
    words = {
        "time": time_text(actor[3]),
        "kind": KINDS[actor[2][0] - 1],
        "decision": DECISIONS[actor[10][0] - 1],
        "form": FORMS[subject[5][0] - 1],
    }
    for tag, name in ((4, "organisation"), (5, "office")):
        if tag in actor:
            words[name] = int.from_bytes(actor[tag], "big")
    for tag, name in ((6, "role"), (7, "purpose")):
        if tag in actor:
            words[name] = actor[tag].decode()
    names = list(words) + ["organisation", "office", "role", "purpose"]
    return all(row.get(name) == words.get(name) for name in names) and \
        len(row["fields"]) == (len(subject[4]) - 8) // 2


class Person(Files):
    def __init__(self, key, pages):
        super().__init__(key)
        self.numbers, self.covers, self.last_index = {}, [], -1
        for page in pages:
            self.page(page)
        require(self.covers, "no page is about this log")
        self.covers.sort()
        self.first, self.end = self.covers[0][0], self.covers[0][0]
        for first, end in self.covers:
            require(first <= self.end, "n=%d: a page is missing" % self.end)
            self.end = max(self.end, end)
        require(self.end - self.first <= len(self.numbers) + TAGS_AHEAD, "many numbers are missing")
        self.tags = {self.tag(n): n for n in range(self.first, self.end + TAGS_AHEAD)}
        self.at = {}

    def tag(self, n):
        return mac(self.trail_key, u64(n))[:16]

    def page(self, page):
        proofs = page["proofs"]
        logs = [log for log in proofs["logs"] if log.get("key") == self.key.text]
        if not logs:
            return
        require(logs[0]["log_id"] == self.key.log_id, "not the log_id of this key")
        self.aud = from_base64(proofs["aud"], "aud")
        self.trail_key = from_base64(logs[0]["trail_key"], "trail_key")
        self.covers.append((proofs["covers"]["first"], proofs["covers"]["end"]))
        if page.get("receipt", {}).get("log") == self.key.name:
            self.last_index = max(self.last_index, page["receipt"]["index"])
        for place, row in enumerate(page["items"]):
            self.row(row, "item %d" % place, True)
        for place, row in enumerate(proofs["expired"]):
            self.row(row, "expired %d" % place, False)

    def row(self, row, what, has_parts):
        leaf = self.claim(row, what)
        require(leaf[66:82] == self.tag(row["n"]), what + ": another tag")
        require(self.numbers.setdefault(row["n"], row["index"]) == row["index"],
                what + ": two entries of one number")
        if not has_parts:
            return
        subject = self.check_parts(row, leaf, what)
        if "unsealed" in row and row["unsealed"]["proof"]["log_id"] == self.key.log_id:
            brought = row["unsealed"]
            sealed = self.check_parts(brought, self.claim(brought, what), what)
            require(subject[2] == b"\x0b" and sealed[2] != b"\x0b", what + ": no unsealing")
            require(int.from_bytes(subject[4][2:8], "big") == brought["index"] and
                    subject[4][8:] == sealed[4][8:] and subject[5] == sealed[5],
                    what + ": another access than the one unsealed")

    def check_parts(self, row, leaf, what):
        subject = self.opened(row["proof"], "subject", leaf, what)
        actor = self.opened(row["proof"], "actor", leaf, what)
        require(subject[2] == actor[2] and subject[3] == self.aud, what + ": not of this person")
        require(said(row, subject, actor), what + ": the row says something else than its parts")
        return subject

    def on_entry(self, index, entry):
        require(self.leaves.get(index, entry) == entry, "another entry at index %d" % index)
        n = self.tags.get(entry[66:82]) if len(entry) == 98 else None
        if n is not None:
            require(n not in self.at, "n=%d stands in the log twice" % n)
            self.at[n] = index

    def against(self, log):
        super().against(log)
        known_size = max([self.last_index + 1] + list(self.heads))
        for n in range(self.first, self.end):
            require(n in self.numbers,
                    "n=%d is missing (index %s)" % (n, self.at.get(n, "unknown")))
            require(n not in self.at or self.numbers.get(n, self.at[n]) == self.at[n],
                    "n=%d stands elsewhere in the log" % n)
        for n, index in self.at.items():
            require(n < self.end or index >= known_size,
                    "n=%d is left out (index %d)" % (n, index))


class Officer(Files):
    def __init__(self, key, file):
        super().__init__(key)
        require((file["key"], file["log_id"]) == (key.text, key.log_id), "another log")
        activity = from_base64(file["activity_key"], "activity_key")
        start, until = file["period"]["from"], file["period"]["until"]
        shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        require(re.fullmatch(shape, start) and re.fullmatch(shape, until) and start <= until,
                "not a period")
        times, self.numbers = [], {}
        for place, row in enumerate(file["entries"]):
            what = "entry %d" % place
            leaf = self.claim(row, what)
            require(leaf[82:98] == mac(activity, u64(row["n"]))[:16], what + ": another tag")
            times.append(time_text(self.opened(row["proof"], "actor", leaf, what)[3]))
            self.numbers[row["n"]] = row["index"]
        numbers, indexes = list(self.numbers), list(self.numbers.values())
        first = numbers[0] if numbers else 0
        require(numbers == list(range(first, first + len(file["entries"]))), "a number is missing")
        require(indexes == sorted(indexes) and times == sorted(times), "the entries do not ascend")
        require(first == 0 or times[0] < start, "nothing closes the period before")
        self.closed = bool(times) and times[-1] >= until
        self.end = first + len(numbers)
        self.tags = {mac(activity, u64(n))[:16]: n for n in range(first, self.end + TAGS_AHEAD)}

    def on_entry(self, index, entry):
        require(self.leaves.get(index, entry) == entry, "another entry at index %d" % index)
        n = self.tags.get(entry[82:98]) if len(entry) == 98 else None
        if n is None:
            return
        require(self.numbers.get(n, index) == index, "n=%d stands elsewhere in the log" % n)
        require(n < self.end or self.closed, "n=%d (index %d) may be of the period" % (n, index))


# ---- the program

def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def run(options):
    with open(options.key, encoding="utf-8") as file:
        key = Key(file.read().rstrip("\n"))
    require(key.type == 1, "the log's key is that of a witness")
    witnesses = []
    for path in options.witness:
        with open(path, encoding="utf-8") as file:
            witnesses.append(Key(file.read().rstrip("\n")))
    files = []
    if options.person:
        files.append(Person(key, [load(path) for path in options.person]))
    if options.officer:
        files.append(Officer(key, load(options.officer)))

    def on_entry(index, entry):
        for file in files:
            file.on_entry(index, entry)

    wanted = {size for file in files for size in file.heads}
    log = Log(options.directory, key, witnesses, wanted, on_entry)
    for file in files:
        file.against(log)
    return log.size


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--key", required=True)
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--person", action="append", default=[])
    parser.add_argument("--officer")
    try:
        print("good: %d entries" % run(parser.parse_args()))
    except Fault as fault:
        print("FAULT: %s" % fault)
        sys.exit(1)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        print("FAULT: a file is not of its form (%s)" % type(error).__name__)
        sys.exit(1)


if __name__ == "__main__":
    main()
