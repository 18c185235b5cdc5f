// Live reload for `cargo leptos watch`; release pages do not load this file. The document element's dataset has the port.
const port = document.documentElement.dataset.reloadPort;
const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname}:${port}/live_reload`);

socket.onmessage = ({ data }) => {
  const { all, css } = JSON.parse(data);
  if (all) location.reload();
  if (css) {
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      if (new URL(link.href).pathname === `/${css}`) link.href = `/${css}?at=${Date.now()}`;
    }
  }
};
