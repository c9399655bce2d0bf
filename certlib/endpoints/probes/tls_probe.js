// Shakes hands as a Node.js client does: host, port, server name, roots or "-".
const fs = require("fs");
const net = require("net");
const tls = require("tls");

const [host, port, name, roots] = process.argv.slice(2);
const socket = tls.connect(
  {
    host,
    port: Number(port),
    servername: net.isIP(name) ? "" : name,
    checkServerIdentity: (_, certificate) =>
      tls.checkServerIdentity(name, certificate),
    ...(roots === "-" ? {} : { ca: fs.readFileSync(roots) }),
  },
  () => {
    console.log("accepted");
    socket.end();
  },
);
socket.setTimeout(10000, () => socket.destroy(new Error("timed out")));
socket.on("error", (error) => {
  console.log(`${error.code || error.name}: ${error.message}`);
  process.exitCode = 1;
});
