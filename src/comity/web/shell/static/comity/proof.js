// Recomputes the proof of a log entry in this browser: RFC 9162, section 2.1.3.2, over the text that the page shows.
// What the page shows without scripts is the server's own check, and the proof as a file.
"use strict";

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(text) {
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

async function hashed(prefix, ...parts) {
  const whole = [prefix, ...parts.flatMap((part) => Array.from(part))];
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(whole)));
}

// Size and root as the signed checkpoint states them: its second and third line.
function headOf(note) {
  const lines = note.split("\n");
  const root = Uint8Array.from(atob(lines[2]), (letter) => letter.charCodeAt(0));
  return { size: BigInt(lines[1]), root: hex(root) };
}

// The hashes on the way up. The side of each sibling follows from index and size; the page is not asked.
async function climbed(leaf, { index, size, siblings }) {
  const found = [];
  let node = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of siblings) {
    if (last === 0n) {
      return null;
    }
    if (node % 2n === 1n || node === last) {
      hash = await hashed(1, sibling, hash);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      hash = await hashed(1, hash, sibling);
    }
    node /= 2n;
    last /= 2n;
    found.push(hash);
  }
  return last === 0n ? found : null;
}

function mark(cell, ours, theirs) {
  cell.textContent = ours;
  cell.dataset.same = String(ours === theirs);
}

async function check(section) {
  const within = (name) => section.querySelector(`[data-proof-${name}]`);
  const rows = Array.from(section.querySelectorAll("[data-proof-sibling]"));
  const head = headOf(within("note").textContent);
  const index = BigInt(section.dataset.proofIndex);
  const leaf = await hashed(0, new TextEncoder().encode(within("text").textContent));
  const siblings = rows.map((row) => bytesOf(row.dataset.proofSibling));
  const found = index < head.size ? await climbed(leaf, { index, size: head.size, siblings }) : null;
  for (const cell of section.querySelectorAll("[data-proof-column]")) {
    cell.hidden = false;
  }
  const start = within("leaf");
  mark(start.querySelector("[data-proof-column] code"), hex(leaf), start.querySelector("[data-proof-said]").textContent);
  rows.forEach((row, place) => {
    const ours = found && found[place] ? hex(found[place]) : "–";
    mark(row.querySelector("[data-proof-column] code"), ours, row.querySelector("[data-proof-said]").textContent);
  });
  const top = found && (found.length ? found[found.length - 1] : leaf);
  return top !== null && hex(top) === head.root;
}

async function shown(section) {
  const say = (name) => {
    section.querySelector(`[data-proof-${name}]`).hidden = false;
    section.dataset.proofResult = name;
  };
  if (!window.crypto || !crypto.subtle) {
    say("cannot");
    return;
  }
  try {
    say((await check(section)) ? "holds" : "fails");
  } catch (broken) {
    say("fails");
  }
}

document.querySelectorAll("[data-proof-index]").forEach(shown);
