#!/usr/bin/env python3
"""A second verifier of Cloison's published log.

Written from docs/format/ledger.md alone by somebody who had not seen the code.

    verify.py DIR --key FILE [--witness FILE]... [--person FILE]... [--officer FILE]...

0 and `good`; 1 and the first thing that is wrong; 2 when called wrongly. What a person's or an officer's
file says is never repeated: its rows are named by where they stand in it. The sections of ledger.md that
a function implements stand in quotes; "person" is short for "A person's file against the whole log".
"""
import argparse, base64, collections, datetime, hashlib, hmac, json, os, re, stat, sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

AHEAD = 4096  # numbers looked for after the last one told; the document asks for at least 1,024
U64, N63, SIZE_MAX = 2**64, 2**63, 2**40
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
EPOCH, MS = datetime.datetime(1970, 1, 1), datetime.timedelta(milliseconds=1)
KINDS = ("disclosure glimpse refusal change erasure rights approval freeze key_or_policy incident unseal "
         "load aggregate").split()
FORMS = "plain masked exists matches".split()
DECISIONS = "allow refuse miss".split()
# "Parts": tag -> least length, greatest, step; or the words for the values of one byte, from 1.
TEXT = (1, 64, 1)
SUBJECT = {1: (8, 8, 1), 2: KINDS, 3: (16, 16, 1), 4: (8, 8 + 2 * 512, 2), 5: FORMS}
ACTOR = {1: (8, 8, 1), 2: KINDS, 3: (8, 8, 1), 4: (4, 4, 1), 5: (4, 4, 1), 6: TEXT, 7: TEXT, 8: (32, 32, 1),
         9: (32, 32, 1), 10: DECISIONS, 11: (32, 32, 1)}
ACTOR_MAY_MISS = {4, 5, 6, 7, 8, 9, 11}

Key = collections.namedtuple("Key", "text name key_id type public log_id")
Checkpoint = collections.namedtuple("Checkpoint", "size root signed")

class Fault(Exception):
    """What is wrong with the log or a file."""
    code = 1

class CalledWrongly(Fault):
    """What is wrong with the call."""
    code = 2

def need(holds, fault):
    if not holds:
        raise Fault(fault)

def read_file(path, what, limit, fault):
    try:
        need(limit == -1 or stat.S_ISREG(os.stat(path).st_mode), f"{what}: not a file")
        with open(path, "rb") as file:
            return file.read(limit)
    except OSError as error:
        raise fault(f"{what}: {error.strerror}") from None

# ---- "The published log": what everything is made of

def H(key, data): return hmac.digest(key, data, "sha256")
def L(label): return b"cloison/1/" + label.encode() + b"\0"
def sha256(data): return hashlib.sha256(data).digest()
def leaf_hash(entry): return sha256(b"\0" + entry)
def node(a, b): return sha256(b"\1" + a + b)
def tag_of(key, n): return H(key, n.to_bytes(8, "big"))[:16]
def bundle_of(index): return path_of("entries", index // 256)
def number_of(data): return int.from_bytes(data, "big")
def is_utf8(data): return data.decode("utf-8", "replace").encode() == data
def has_control(text): return any(ord(c) < 0x20 for c in text)
def is_name(text): return text != "" and "+" not in text and not has_control(text) and not re.search(r"\s", text)

def unbase64(text, what, size=None):
    """ "The published log": RFC 4648 section 4 with padding, and no other spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault(f"{what}: not base64") from None
    need(base64.b64encode(data).decode() == text, f"{what}: another spelling of base64")
    need(size is None or len(data) == size, f"{what}: not {size} bytes")
    return data

def decimal(text, what):
    need(re.fullmatch("0|[1-9][0-9]{0,19}", text) and int(text) < U64, f"{what}: not a decimal number")
    return int(text)

def parse_key(text, key_type, what):
    """ "Key (vkey)"."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and is_name(parts[0]) and re.fullmatch("[0-9a-f]{8}", parts[1]), f"{what}: not a vkey")
    name, key_id, coded = parts[0], bytes.fromhex(parts[1]), unbase64(parts[2], what, 33)
    need(coded[0] == key_type, f"{what}: not of type {key_type:02x}")
    need(sha256(name.encode() + b"\n" + coded)[:4] == key_id, f"{what}: the key id is not the key's")
    return Key(text, name, key_id, key_type, Ed25519PublicKey.from_public_bytes(coded[1:]), sha256(text.encode())[:8])

def open_note(note, keys, what):
    """ "Note": its text, and the vkeys of those who have signed it."""
    head, mark, tail = note.rpartition("\n\n")
    need(mark and head and tail.endswith("\n"), f"{what}: not a signed note")
    text, lines, signed = head + "\n", tail[:-1].split("\n"), set()
    need(not has_control(text.replace("\n", "")), f"{what}: a control character in the text")
    need(len(lines) <= 100, f"{what}: more than 100 signatures")
    for line in lines:
        words = line.split(" ")
        need(len(words) == 3 and words[0] == "\u2014" and is_name(words[1]), f"{what}: not a line of a signature")
        coded = unbase64(words[2], f"{what}: a signature")
        need(len(coded) > 4, f"{what}: a signature is too short")
        for key in keys:
            if (key.name, key.key_id) == (words[1], coded[:4]) and counts(key, coded[4:], text.encode(), what):
                signed.add(key.text)
    return text, signed

def counts(key, signature, text, what):
    """ "Key (vkey)": whether a line of a known key counts; one that does not verify makes the note worthless."""
    time = None
    if key.type == 4:
        time, signature = signature[:8], signature[8:]
        text = b"cosignature/v1\ntime %d\n" % number_of(time) + text
    try:
        key.public.verify(signature, text)
    except InvalidSignature:
        raise Fault(f"{what}: the signature of {key.name} does not verify") from None
    return time != bytes(8)  # "Witnesses": one of the time 0 counts for nothing

def parse_checkpoint(note, key, witnesses, what):
    """ "Checkpoint": signed by the log, and of its origin. Without a key only what it says."""
    text, signed = open_note(note, [key, *witnesses] if key else [], what)
    lines = text.split("\n")
    need(key is None or key.text in signed, f"{what}: not signed by the log")
    need(len(lines) == 4 and lines[0] != "", f"{what}: not a checkpoint")
    need(key is None or lines[0] == key.name, f"{what}: of another origin")
    size = decimal(lines[1], f"{what}: the size")
    need(size <= SIZE_MAX, f"{what}: the size is above 2^40")
    return Checkpoint(size, unbase64(lines[2], f"{what}: the root", 32), signed)

def root_of(hashes):
    """ "Hashes": the root of a list. Pairs from the left, while an odd one goes up, give the same."""
    row = [bytes(hashes[i:i + 32]) for i in range(0, len(hashes), 32)]
    while len(row) > 1:
        up = [node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = up + row[len(up) * 2:]
    return row[0]

def path_of(level, number, width=256):
    """ "Objects": the one spelling of a path."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return f"tile/{level}/" + "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + (
        "" if width == 256 else f".p/{width}")

# ---- "Verifying a log"

class Log:
    """The log as it was read: the hashes of all levels, and where each tag stands."""

    def __init__(self, directory, key, witnesses, keep_tags):
        self.directory, self.key, self.witnesses, self.keep_tags = directory, key, witnesses, keep_tags
        self.levels = [bytearray()]
        self.subjects, self.actors, self.twice = {}, {}, set()  # tag -> index of the first entry that has it
        self.notes = {}

    def read_object(self, path, limit):
        """ "Objects": one of them; not more than a byte beyond what it may have."""
        return read_file(os.path.join(self.directory, path), path, limit + 1, Fault)

    def verify(self):
        """ "Verifying a log", in the order in which faults are named."""
        raw = self.read_object("checkpoint", 65536)
        need(len(raw) <= 65536 and is_utf8(raw), "checkpoint: longer than 65,536 bytes, or not UTF-8")
        checkpoint = parse_checkpoint(raw.decode(), self.key, self.witnesses, "checkpoint")
        for witness in self.witnesses:
            need(witness.text in checkpoint.signed, f"checkpoint: not signed by {witness.name}")
        self.size = checkpoint.size
        for number in range(-(-self.size // 256)):
            self.read_bundle(number, min(256, self.size - 256 * number))
            level = 0
            while len(self.levels[level]) % 8192 == 0:  # the newest tile of the level is whole
                whole = self.check_tile(level, len(self.levels[level]) // 8192 - 1, 256)
                level += 1
                if level == len(self.levels):
                    self.levels.append(bytearray())
                self.levels[level] += root_of(whole)
        for level, hashes in enumerate(self.levels):
            number, rest = divmod(len(hashes) // 32, 256)
            if rest:
                self.check_tile(level, number, rest)
        need(self.root_at(self.size) == checkpoint.root, "the root is not that of the checkpoint")

    def read_bundle(self, number, width):
        """ "Verifying a log" 2: exactly as many entries as its width, and nothing behind them."""
        path = path_of("entries", number, width)
        data, at = self.read_object(path, width * 65537), 0
        for index in range(256 * number, 256 * number + width):
            length = number_of(data[at:at + 2])
            entry = data[at + 2:at + 2 + length]
            need(len(data) >= at + 2 + length, f"{path}: ends within entry {index}")
            at += 2 + length
            self.levels[0] += leaf_hash(entry)
            if self.keep_tags and length == 98:
                for tags, tag in ((self.subjects, entry[66:82]), (self.actors, entry[82:98])):
                    if tags.setdefault(tag, index) != index:
                        self.twice.add(tag)
        need(at == len(data), f"{path}: something stands behind the last entry")

    def check_tile(self, level, number, width):
        """ "Verifying a log" 2 and 3: the tile is what the entries, or the tiles below, give."""
        path = path_of(level, number, width)
        published, made = self.read_object(path, 32 * width), self.levels[level][8192 * number:]
        need(len(published) == 32 * width, f"{path}: not {32 * width} bytes")
        if published != made:
            at = next(i for i in range(width) if published[32 * i:32 * i + 32] != made[32 * i:32 * i + 32])
            below = f"entry {256 * number + at}" if level == 0 else path_of(level - 1, 256 * number + at)
            raise Fault(f"{path}: hash {at} is not that of {below}")
        return made

    def root_at(self, size):
        """ "Hashes": the root of the log when it had that size, from the nodes of all levels."""
        below = b""
        for level, hashes in enumerate(self.levels):
            count = size >> 8 * level
            below = bytes(hashes[32 * (count - count % 256):32 * count]) + below
            below = root_of(below) if below else below
        return below or sha256(b"")

    def checkpoint_of(self, note, what):
        """ "Checkpoint", of this log, in a proof, where the log's key alone is known; one text is verified once."""
        if note not in self.notes:
            self.notes[note] = parse_checkpoint(note, self.key, [], what)
        return self.notes[note]

def verify_inclusion(proof, index, leaf, checkpoint_of, what):
    """ "Inclusion proof as text": the checkpoint to which it leads from the leaf."""
    path, mark, note = proof.partition("\n\n")
    lines = path.split("\n")
    need(mark and lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) > 1, f"{what}: not a tlog-proof")
    need(lines[1].startswith("index "), f"{what}: no index, or an extra")  # "A trail with proofs": without extra
    need(decimal(lines[1][6:], f"{what}: the index") == index, f"{what}: the index is not the row's")
    checkpoint = checkpoint_of(note, f"{what}: the checkpoint")
    need(index < checkpoint.size, f"{what}: the index is not below the size")
    f, last, r = index, checkpoint.size - 1, leaf_hash(leaf)
    for line in lines[2:]:
        p = unbase64(line, f"{what}: a hash", 32)
        need(last != 0, f"{what}: too many hashes")
        if f % 2 or f == last:
            r = node(p, r)
            while f % 2 == 0 and f != 0:
                f, last = f >> 1, last >> 1
        else:
            r = node(r, p)
        f, last = f >> 1, last >> 1
    need(last == 0 and r == checkpoint.root, f"{what}: does not lead to the root")
    return checkpoint

# ---- files of opened entries

def load_json(path, what):
    """A file, as a JSON object that can be read in one way only."""
    def once(pairs):
        need(len(dict(pairs)) == len(pairs), f"{what}: a name stands twice in an object")
        return dict(pairs)

    try:
        value = json.loads(read_file(path, path, -1, CalledWrongly).decode(), object_pairs_hook=once,
                           parse_constant=lambda _: need(False, f"{what}: not JSON"))
    except (ValueError, RecursionError):
        raise Fault(f"{what}: not JSON") from None
    need(type(value) is dict, f"{what}: not an object")
    return value

def member(value, name, kind, what):
    """A member of an object, of just that type; numbers are below 2^63, strings can be written in UTF-8."""
    need(type(value) is dict, f"{what}: not an object")
    got = value.get(name)
    need(type(got) is kind, f"{what}: {name} is missing, or not {kind.__name__}")
    need(kind is not int or 0 <= got < N63, f"{what}: {name} is not below 2^63")
    need(kind is not str or not re.search("[\ud800-\udfff]", got), f"{what}: {name} is not text")
    return got

def octets(value, name, size, what):
    return unbase64(member(value, name, str, what), f"{what}: {name}", size)

def check_log_of(value, log, what):
    """ "A trail with proofs", "An account's activity": log_id, origin and key are those of the log that was read."""
    for name, known in (("key", log.key.text), ("log_id", log.key.log_id.hex()), ("origin", log.key.name)):
        need(member(value, name, str, what) == known, f"{what}: {name} is not that of the log's key")

def parse_part(data, table, what):
    """ "Parts": items with ascending tags, of the lengths and values of the table, none missing that may not be."""
    items, at = {}, 0
    while at < len(data):
        tag, length = data[at], number_of(data[at + 1:at + 3])
        value, rule = data[at + 3:at + 3 + length], table.get(tag)
        need(len(data) >= at + 3 + length, f"{what}: ends within an item")
        need(rule and (not items or tag > max(items)), f"{what}: an unknown tag, or one that does not ascend")
        if type(rule) is list:
            need(length == 1 and 1 <= value[0] <= len(rule), f"{what}: item {tag} has no such value")
        else:
            least, greatest, step = rule
            need(least <= length <= greatest and (length - least) % step == 0, f"{what}: item {tag} has no such length")
        need(rule is not TEXT or is_utf8(value), f"{what}: item {tag} is not text")
        items[tag], at = value, at + 3 + length
    need(table.keys() - items.keys() <= (ACTOR_MAY_MISS if table is ACTOR else set()), f"{what}: an item is missing")
    return items

def check_said(row, subject, actor, names, what):
    """ "A trail with proofs" 1: the row says what its parts say, in the words that "person" gives."""
    def time(value):  # RFC 3339 has no years beyond 9999
        ms = number_of(value)
        return (EPOCH + ms * MS).isoformat(timespec="milliseconds") + "Z" if ms < 253402300800000 else None

    for name, part, tag, word in (("time", actor, 3, time), ("kind", subject, 2, lambda v: KINDS[v[0] - 1]),
                                  ("decision", actor, 10, lambda v: DECISIONS[v[0] - 1]),
                                  ("form", subject, 5, lambda v: FORMS[v[0] - 1]),
                                  ("organisation", actor, 4, number_of), ("office", actor, 5, number_of),
                                  ("role", actor, 6, bytes.decode), ("purpose", actor, 7, bytes.decode)):
        need((name in row) == (tag in part), f"{what}: {name} is there in the row or in the part alone")
        if tag in part:
            said, meant = row[name], word(part[tag])
            need(type(said) is type(meant) and said == meant, f"{what}: {name} is not what the part says")
    numbers, fields = [subject[4][i:i + 2] for i in range(8, len(subject[4]), 2)], member(row, "fields", list, what)
    need(len(fields) == len(numbers), f"{what}: the part has more fields, or fewer")
    for number, field in zip(numbers, fields):  # without the schema: one name for a number, one number for a name
        need(type(field) is str, f"{what}: fields are not text")
        need(names.setdefault(number, field) == field and names.setdefault(field, number) == number,
             f"{what}: the fields are not those of the part")

class Row:
    """What all rows have: an index, a leaf, and a proof that leads to a checkpoint, or none yet."""

    def __init__(self, value, log, what):
        self.value, self.log, self.what, self.checkpoint = value, log, what, None
        self.index, self.proof = member(value, "index", int, what), member(value, "proof", dict, what)
        self.leaf, log_id = octets(self.proof, "leaf", 98, what), member(self.proof, "log_id", str, what)
        need(self.leaf[:2] == b"\1\0", f"{what}: the leaf has another version")
        need(re.fullmatch("[0-9a-f]{16}", log_id), f"{what}: log_id is not hexadecimal")
        self.log_id, self.elsewhere = bytes.fromhex(log_id), log_id != log.key.log_id.hex()

    def open(self, whose, label, at, table):
        """ "Leaf": a part, as its commitment says, that names the row's log."""
        part = octets(self.proof, f"{whose}_part", None, self.what)
        r = octets(self.proof, f"{whose}_randomness", 32, self.what)
        need(self.leaf[at:at + 32] == H(r, L(label) + part), f"{self.what}: the {whose} part is not the committed one")
        items = parse_part(part, table, f"{self.what}: the {whose} part")
        need(items[1] == self.log_id, f"{self.what}: the {whose} part names another log")
        return items

    def open_both(self, aud, names):
        """ "A trail with proofs" 1, but for the tag."""
        subject, actor = self.open("subject", "subj", 2, SUBJECT), self.open("actor", "actor", 34, ACTOR)
        need(subject[3] == aud, f"{self.what}: the subject part does not name AUD")
        need(subject[2] == actor[2], f"{self.what}: the parts have different kinds")
        check_said(self.value, subject, actor, names, self.what)
        return subject

    def check_proof(self):
        """ "A trail with proofs" 2; and "person": the log that was read has the checkpoint, and the leaf."""
        log, what = self.log, self.what
        if self.elsewhere:  # a closed log's: its key checks it
            return
        without = {"proof_pending", "closed"} & self.proof.keys()
        if without:
            need(all(self.proof[word] is True for word in without) and len(without) == 1
                 and not {"tlog_proof", "published"} & self.proof.keys(),
                 f"{what}: proof_pending or closed is not true, or stands beside a proof")
        else:
            text, published = member(self.proof, "tlog_proof", str, what), member(self.proof, "published", bool, what)
            checkpoint = verify_inclusion(text, self.index, self.leaf, log.checkpoint_of, f"{what}: the proof")
            self.checkpoint = checkpoint
            need(checkpoint.size <= log.size or not published,
                 f"{what}: its checkpoint is larger than the log, which is too old or rolled back")
            need(checkpoint.size > log.size or log.root_at(checkpoint.size) == checkpoint.root,
                 f"{what}: its checkpoint is not one of the log: a fork")
        if self.index < log.size:
            need(log.levels[0][32 * self.index:32 * self.index + 32] == leaf_hash(self.leaf),
                 f"{what}: another leaf stands in the log at its index")

    def check_tag(self, tag, found, stands):
        """The leaf has the tag of the row's n, which stands in the log where the row says, and once."""
        need(tag == found, f"{self.what}: the tag is not that of its number")
        need(stands.get(tag, self.index) == self.index, f"{self.what}: its tag stands elsewhere in the log")
        need(tag not in self.log.twice, f"{self.what}: its tag stands twice in the log")

class Page:
    """ "A trail with proofs": a file of a person."""

    def __init__(self, path, log, what):
        file, self.log, self.what = load_json(path, what), log, what
        items, proofs = member(file, "items", list, what), member(file, "proofs", dict, what)
        logs, covers = member(proofs, "logs", list, what), member(proofs, "covers", dict, what)
        need(len(logs) == 1, f"{what}: not about one log")
        check_log_of(logs[0], log, what)
        self.trail_key = octets(logs[0], "trail_key", 32, what)
        self.register, self.aud = member(proofs, "register", int, what), octets(proofs, "aud", 16, what)
        self.first, self.end = member(covers, "first", int, what), member(covers, "end", int, what)
        need(self.first <= self.end <= SIZE_MAX, f"{what}: covers ends before it begins, or above 2^40")
        self.had = 0  # of this size the log was known to be when the file was made
        if "receipt" in file:
            receipt = member(file, "receipt", dict, what)
            origin, index = member(receipt, "log", str, what), member(receipt, "index", int, f"{what}: receipt")
            self.had = index + 1 if origin == log.key.name else 0
        self.rows = [(Row(item, log, f"{what}: items[{i}]"), False) for i, item in enumerate(items)]
        self.rows += [(Row(item, log, f"{what}: expired[{i}]"), True)
                      for i, item in enumerate(member(proofs, "expired", list, what))]

    def verify(self):
        """ "A trail with proofs" 1 to 4, each row; then that all numbers of covers are there."""
        names, seen, sealed, self.gone = {}, set(), [], 0
        for row, expired in self.rows:
            need(not row.elsewhere, f"{row.what}: of another log than its page")
            n = member(row.value, "n", int, row.what)
            subject = {2: b"\0"} if expired else row.open_both(self.aud, names)  # no kind can be told of an expired one
            row.check_tag(tag_of(self.trail_key, n), row.leaf[66:82], self.log.subjects)
            row.check_proof()
            need(self.first <= n < self.end and n not in seen, f"{row.what}: n is not of covers, or stands twice")
            seen.add(n)
            told = [name for name in ("unsealed", "unsealed_expired") if name in row.value]
            need(len(told) == (subject[2][0] == 11), f"{row.what}: unsealed in vain, or missing")
            need(row.value.get("unsealed_expired", True) is True, f"{row.what}: unsealed_expired is not true")
            self.gone += "unsealed_expired" in row.value
            if "unsealed" in row.value:
                sealed.append((self.check_unsealed(row, subject, names), False))
        if len(seen) < self.end - self.first:
            tag = tag_of(self.trail_key, next(n for n in range(self.first, self.end) if n not in seen))
            at = self.log.subjects.get(tag)
            where = "" if at is None else f", its entry is in {bundle_of(at)}"
            raise Fault(f"{self.what}: a number of covers is neither an item nor expired{where}")
        self.rows += sealed
        self.had = max([self.had, *(row.checkpoint.size for row, _ in self.rows if row.checkpoint)])

    def check_unsealed(self, row, subject, names):
        """ "A trail with proofs" 4: the access brought to light; "person": the u64 is its place."""
        sealed = Row(member(row.value, "unsealed", dict, row.what), self.log, f"{row.what}: unsealed")
        was = sealed.open_both(self.aud, names)
        sealed.check_proof()
        place = number_of(subject[4][:8])
        need(place % 2**48 == sealed.index, f"{sealed.what}: another entry was unsealed")
        of_this = place >> 48 == generation_of(self.log.key.name) - 1  # "Generations"
        need(of_this != sealed.elsewhere, f"{sealed.what}: an entry of another log was unsealed")
        need(was[4][8:] == subject[4][8:], f"{sealed.what}: its fields are not the unseal's")
        need(was[5] == subject[5], f"{sealed.what}: its form is not the unseal's")
        return sealed

def generation_of(origin):
    """ "Generations": a successor's origin ends in its number; the first log's has none."""
    last = origin.rsplit("/", 1)[-1]
    return int(last) if re.fullmatch("[1-9][0-9]{0,2}", last) and 2 <= int(last) <= 255 else 1

def other_log(path, log, what):
    """ "person": how many rows a page of another log has, which is passed over; None for one of this log."""
    file = load_json(path, what)
    proofs = member(file, "proofs", dict, what)
    logs = member(proofs, "logs", list, what)
    need(len(logs) == 1, f"{what}: not about one log")
    if member(logs[0], "key", str, what) == log.key.text:
        return None
    return len(member(file, "items", list, what)) + len(member(proofs, "expired", list, what))

def verify_person(paths, log):
    """ "A person's file against the whole log": each page, then all together. What is left open."""
    named = [(path, f"person's file {i + 1}") for i, path in enumerate(paths)]
    others = {path: other_log(path, log, what) for path, what in named}
    pages = [Page(path, log, what) for path, what in named if others[path] is None]
    need(pages, "no page of the person's is about the log of this key")
    for page in pages:
        page.verify()
        need((page.trail_key, page.aud, page.register) == (pages[0].trail_key, pages[0].aud, pages[0].register),
             f"{page.what}: about somebody else than the first")
    pages.sort(key=lambda page: (page.first, page.end))
    for before, page in zip(pages, pages[1:]):
        need(before.end == page.first, f"{page.what}: its covers do not adjoin those of {before.what}")
    page = pages[-1]  # pages below were read later, by entries of their own
    had = max(other.had for other in pages if other.end == page.end)
    for n in range(page.end, page.end + AHEAD):
        tag = tag_of(page.trail_key, n)
        need(tag not in log.twice, f"{page.what}: the tag of a number after covers stands twice in the log")
        at = log.subjects.get(tag, had)
        need(at >= had, f"{page.what}: the log had an entry in {bundle_of(at)} that is not told")
    passed_over, gone = sum(count or 0 for count in others.values()), sum(page.gone for page in pages)
    return [f"{gone} unsealed accesses are said to have expired"] * (gone > 0) + [
        f"{passed_over} of the person's entries are on pages of other logs"] * (passed_over > 0) + [
        "the person's files do not go down to the number 0"] * (pages[0].first > 0) + left_open(
        "person's", [row for page in pages for row, _ in page.rows], log)

def left_open(whose, rows, log):
    """ "person": what is newer than the log that was read, and what another log's key checks."""
    newer = sum(row.index >= log.size and not row.elsewhere for row in rows), "newer than the log that was read"
    elsewhere = sum(row.elsewhere for row in rows), "of another log, whose key has to check them"
    return [f"{count} of the {whose} entries {what}" for count, what in (newer, elsewhere) if count]

def period_time(period, name, what):
    """ "An account's activity": a time, in one form alone."""
    text = member(period, name, str, what)
    try:
        need(TIME.fullmatch(text), f"{what}: {name} is not a time")
        return (datetime.datetime.fromisoformat(text[:-1]) - EPOCH) // MS
    except ValueError:
        raise Fault(f"{what}: {name} is not a time") from None

def verify_officer(path, log, what):
    """ "An account's activity" 1 and 2. What is left open."""
    file = load_json(path, what)
    check_log_of(file, log, what)
    activity_key, period = octets(file, "activity_key", 32, what), member(file, "period", dict, what)
    start, end = period_time(period, "from", what), period_time(period, "until", what)
    need(start <= end, f"{what}: the period ends before it begins")
    rows, n, time = [], None, None
    for i, value in enumerate(member(file, "entries", list, what)):
        row, last = Row(value, log, f"{what}: entries[{i}]"), (n, time)
        need(not row.elsewhere, f"{row.what}: of another log")
        n, time = member(value, "n", int, row.what), number_of(row.open("actor", "actor", 34, ACTOR)[3])
        row.check_tag(tag_of(activity_key, n), row.leaf[82:98], log.actors)
        row.check_proof()
        if rows:
            need(n == last[0] + 1, f"{row.what}: n is not the next one")
            need(row.index > rows[-1].index and time >= last[1], f"{row.what}: index or time does not ascend")
        else:
            need(n == 0 or time < start, f"{row.what}: the first is neither before the period nor number 0")
        rows.append(row)
    if not rows or time < end:
        after = n + 1 if rows else 0
        for tag in (tag_of(activity_key, n) for n in range(after, after + AHEAD)):
            if tag in log.actors:
                raise Fault(f"{what}: the account has an entry in {bundle_of(log.actors[tag])} that is not told")
    return left_open("officer's", rows, log)

# ---- the program

def load_key(path, key_type, what):
    try:
        text = read_file(path, path, -1, CalledWrongly).decode("utf-8", "replace")
        return parse_key(text.removesuffix("\n"), key_type, what)
    except Fault as fault:
        raise CalledWrongly(fault) from None

def main():
    parser = argparse.ArgumentParser(description="verify a published log", allow_abbrev=False)
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("--key", metavar="FILE", required=True, help="the log's vkey, got by another way")
    for name, text in (("--witness", "a witness's vkey; all of them must have signed"),
                       ("--person", "a page of a person's trail with proofs"), ("--officer", "an account's activity")):
        parser.add_argument(name, metavar="FILE", action="append", default=[], help=text)
    call = parser.parse_args()
    try:
        if not os.path.isdir(call.directory):
            raise CalledWrongly(f"{call.directory}: not a directory")
        witnesses = [load_key(path, 4, f"the key of witness {i + 1}") for i, path in enumerate(call.witness)]
        log = Log(call.directory, load_key(call.key, 1, "the log's key"), witnesses, bool(call.person or call.officer))
        log.verify()
        left = verify_person(call.person, log) if call.person else []
        for i, path in enumerate(call.officer):
            left += verify_officer(path, log, f"officer's file {i + 1}")
        print("\n".join(["good", *left]))
        return 0
    except Fault as fault:
        print(fault, file=sys.stdout if fault.code == 1 else sys.stderr)
        return fault.code
    except Exception as error:  # nothing that was read ends the program in another way, or is shown
        print(f"something could not be read: {type(error).__name__}")
        return 1

if __name__ == "__main__":
    sys.exit(main())
