// Shows the page anew when there is something new, without losing the place. Everything works
// without this script too: the switches are links, and there is one to load the page again.
"use strict";

const base = document.body.dataset.base;
const state = document.getElementById("state");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// A frame as high as its mail, so that both scroll with the page. The mail runs no script.
function fit(frame) {
  if (frame.closest(".mini")) return;
  const inside = frame.contentDocument && frame.contentDocument.documentElement;
  if (inside) frame.style.height = `${Math.ceil(inside.getBoundingClientRect().height)}px`;
}

function watchFrame(frame) {
  frame.addEventListener("load", () => fit(frame));
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") fit(frame);
}

// The new mail is loaded behind the old one: nothing flickers, nothing jumps.
function renew(frame, src) {
  frame.parentElement.querySelectorAll(".coming").forEach((late) => late.remove());
  const next = frame.cloneNode();
  next.classList.add("coming");
  next.addEventListener("load", () => {
    next.classList.remove("coming");
    fit(next);
    frame.remove();
  }, { once: true });
  next.src = src;
  frame.after(next);
}

function renewMails(old, fresh) {
  const places = [...old.querySelectorAll(".scroll")];
  fresh.querySelectorAll("iframe").forEach((frame, n) => {
    const newest = places[n].querySelector(".coming") || places[n].querySelector("iframe");
    const src = new URL(frame.getAttribute("src"), location).href;
    if (newest.src !== src) renew(places[n].querySelector("iframe:not(.coming)"), src);
  });
}

// Whether the same mails stand there, of which each can be renewed in its place.
function sameFrames(old, fresh) {
  const names = (part) => [...part.querySelectorAll("iframe:not(.coming)")].map((it) => it.title);
  const [had, has] = [names(old), names(fresh)];
  return fresh.dataset.view === "mail" && has.length > 0 && String(had) === String(has);
}

function reloadMails(version) {
  document.querySelectorAll(".paper iframe:not(.coming)").forEach((frame) => {
    const address = new URL(frame.src);
    address.searchParams.set("v", version);
    renew(frame, address.href);
  });
}

function replace(old, fresh) {
  if (old.outerHTML === fresh.outerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const top = old.scrollTop;
  old.replaceWith(fresh);
  fresh.scrollTop = top;
  fresh.querySelectorAll("iframe").forEach(watchFrame);
  if (focused) document.getElementById(focused)?.focus();
}

async function show(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) return location.reload();  // the link is over: the page says so
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    const nothing = fresh.dataset.view === "" && old.dataset.view;
    old.classList.toggle("stale", Boolean(nothing));
    if (nothing) continue;  // what was there last stays to be seen, faintly
    if (sameFrames(old, fresh)) renewMails(old, fresh);
    else replace(old, fresh);
  }
  document.title = page.title;
  document.body.dataset.version = page.body.dataset.version;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-show]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.href);
  show(link.href);
});

function say(words, gone = false) {
  if (state.textContent !== words) state.textContent = words;
  state.classList.toggle("gone", gone);
}

async function watch() {
  let live = state.dataset.live;
  for (;;) {
    while (document.hidden) await sleep(300);
    try {
      const seen = document.body.dataset.version;
      const answer = await fetch(`${base}version?seen=${seen}`, { cache: "no-store" });
      if (!answer.ok) return location.reload();
      const { version, mail, wait } = await answer.json();
      if (version !== seen) {
        if (mail) reloadMails(version);  // at once; the page around them follows
        await show(location.href);
        live = `${state.dataset.renewed} ${new Date().toLocaleTimeString()}`;
      }
      say(live);
      await sleep(wait);
    } catch {
      say(state.dataset.gone, true);
      await sleep(1000);
    }
  }
}

document.querySelectorAll("iframe").forEach(watchFrame);
say(state.dataset.live);
watch();
