// Accepts a log's checkpoint and one tlog-proof with @sigstore/verify, and refuses changed ones.
//
//   node sigstore.js <vkey file> <tlog-proof> <entry>
//
// What it asks for is not in the package's public interface: the version is pinned.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint.js');
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/tlog/merkle.js');

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

// name+<key id>+<base64 of type and key>; base64 may hold a '+'.
function trusted(vkey) {
  const [name, id, ...rest] = vkey.trim().split('+');
  const key = Buffer.from(rest.join('+'), 'base64');
  if (key[0] !== 1 || key.length !== 33) throw new Error('not an Ed25519 key');
  const spki = Buffer.concat([ED25519_SPKI, key.subarray(1)]);
  return {
    logID: Buffer.from(id, 'hex'),
    baseURL: 'https://' + name,
    publicKey: crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  };
}

function parse(text) {
  const split = text.indexOf('\n\n');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') throw new Error('not a tlog-proof');
  if (lines[0].startsWith('extra ')) lines.shift();
  const index = lines.shift().replace(/^index /, '');
  return { index, hashes: lines.map((line) => Buffer.from(line, 'base64')),
           checkpoint: text.slice(split + 2) };
}

function accepts(log, proof, entry) {
  const asked = {
    canonicalizedBody: entry,
    inclusionProof: { logIndex: proof.index, hashes: proof.hashes,
                      checkpoint: { envelope: proof.checkpoint } },
  };
  try {
    verifyMerkleInclusion(asked, verifyCheckpoint(asked, [log]));
    return true;
  } catch (error) {
    if (error.name !== 'VerificationError') throw error;
    return false;
  }
}

function flipped(bytes, at) {
  const out = Buffer.from(bytes);
  out[at] ^= 1;
  return out;
}

function changes(proof, entry) {
  const rows = [
    ['another entry', proof, flipped(entry, entry.length >> 1)],
    ['a shorter entry', proof, entry.subarray(1)],
    ['another index', { ...proof, index: String(BigInt(proof.index) ^ 1n) }, entry],
    ['a hash more', { ...proof, hashes: [...proof.hashes, Buffer.alloc(32)] }, entry],
  ];
  proof.hashes.forEach((hash, i) => {
    const hashes = proof.hashes.map((other, j) => (i === j ? flipped(hash, 9) : other));
    rows.push(['another hash', { ...proof, hashes }, entry]);
  });
  const [origin, size, root, ...rest] = proof.checkpoint.split('\n');
  const reprinted = (...lines) => ({ ...proof, checkpoint: [...lines, ...rest].join('\n') });
  const otherRoot = flipped(Buffer.from(root, 'base64'), 3).toString('base64');
  rows.push(['another origin', reprinted(origin + 'x', size, root), entry]);
  rows.push(['another size', reprinted(origin, String(BigInt(size) + 1n), root), entry]);
  rows.push(['another root', reprinted(origin, size, otherRoot), entry]);
  return rows;
}

const [vkeyFile, proofFile, entryFile] = process.argv.slice(2);
const log = trusted(fs.readFileSync(vkeyFile, 'utf8'));
const proof = parse(fs.readFileSync(proofFile, 'utf8'));
const entry = fs.readFileSync(entryFile);
if (!accepts(log, proof, entry)) {
  console.log('sigstore: refused the proof');
  process.exit(1);
}
const rows = changes(proof, entry);
for (const [what, changed, body] of rows) {
  if (!accepts(log, changed, body)) continue;
  console.log('sigstore: accepted ' + what);
  process.exit(1);
}
console.log(`sigstore: accepted the proof of entry ${proof.index} by ${proof.hashes.length} hashes, ` +
            `refused ${rows.length} changed ones`);
