#!/usr/bin/env python3
"""Verifies an exported audit of Lockstep with nothing of Lockstep's. docs/formats/audit.md says what it checks.

usage: verify-audit.py records.jsonl heads.jsonl <origin> <public key, base64> [<another public key> ...]

Needs Python 3.9, and either the package `cryptography` or OpenSSL 3. Exit code: 0 verified, 1 faults, 2 usage.
"""
import base64, hashlib, json, os, subprocess, sys, tempfile

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None

GENESIS = "0" * 64
faults = []


def canonical(value):
    """RFC 8785, for what records hold: objects with ASCII names, texts, whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def signed(key, message, signature):
    if Ed25519PublicKey and not os.environ.get("USE_OPENSSL"):
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            return True
        except (InvalidSignature, ValueError):
            return False
    with tempfile.TemporaryDirectory() as folder:
        for name, content in ("key", bytes.fromhex("302a300506032b6570032100") + key), ("m", message), ("s", signature):
            open(f"{folder}/{name}", "wb").write(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in m -sigfile s"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0


def head_text(head):
    tails = sorted(head["tails"], key=lambda tail: tail["chain"])
    lines = ["lockstep audit head v1", f"origin {head['origin']}", f"number {head['number']}", f"time {head['at']}"]
    lines += [f"previous {head['previous']}", f"chains {len(tails)}", f"records {sum(t['sequence'] for t in tails)}"]
    return "\n".join(lines + [f"tails {sha256(canonical(tails))}", ""])


def check_chain(chain, records):
    previous = GENESIS
    for place, record in enumerate(records, 1):
        if record["sequence"] != place:
            faults.append(f"missing-record {chain} {place}")
        if sha256(canonical({part: record[part] for part in ("sequence", "previous", "entry")})) != record["hash"]:
            faults.append(f"edited-record {chain} {record['sequence']}")
        elif record["previous"] != previous:
            faults.append(f"broken-link {chain} {record['sequence']}")
        previous = record["hash"]


def check_heads(heads, chains, origin, keys):
    previous, sizes = GENESIS, {}
    for place, (head, signature) in enumerate(heads, 1):
        text = head_text(head)
        if not any(signed(key, text.encode(), signature) for key in keys):
            faults.append(f"bad-signature head {head['number']}")
        if (head["origin"], head["number"], head["previous"]) != (origin, place, previous):
            faults.append(f"broken-head-chain head {head['number']}")
        now = {tail["chain"]: tail["sequence"] for tail in head["tails"]}
        faults.extend(f"shrunken-chain {chain} head {head['number']}" for chain in sizes if now.get(chain, 0) < sizes[chain])
        for tail in head["tails"]:
            hashes = {record["sequence"]: record["hash"] for record in reversed(chains.get(tail["chain"], []))}
            if max(hashes, default=0) < tail["sequence"]:
                kind = "cut-tail" if hashes else "missing-chain"
                faults.append(f"{kind} {tail['chain']} head {head['number']}")
            elif hashes.get(tail["sequence"], tail["hash"]) != tail["hash"]:
                faults.append(f"rechained {tail['chain']} {tail['sequence']} head {head['number']}")
        previous, sizes = sha256(text), now


def main(records_file, heads_file, origin, *keys):
    read = lambda path: [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]
    chains = {}
    for record in sorted(read(records_file), key=lambda record: record["sequence"]):
        chains.setdefault(record["entry"]["chain"], []).append(record)
    heads = sorted(read(heads_file), key=lambda sealed: sealed["head"]["number"])
    for chain, records in sorted(chains.items()):
        check_chain(chain, records)
    check_heads(
        [(sealed["head"], base64.b64decode(sealed["signature"])) for sealed in heads],
        chains, origin, [base64.b64decode(key) for key in keys],
    )
    newest = heads[-1]["head"] if heads else faults.append("broken-head-chain there is no head") or {"tails": []}
    sealed = {tail["chain"]: tail["sequence"] for tail in newest["tails"]}
    young = sum(record["sequence"] > sealed.get(chain, 0) for chain, records in chains.items() for record in records)
    print("\n".join(faults) or "verified", f"{sum(map(len, chains.values()))} records in {len(chains)} chains,",
          f"{len(heads)} heads, the newest of {newest.get('at', 'never')}; {young} records younger than it", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 4 else print(__doc__) or 2)
