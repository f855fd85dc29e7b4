// The loop of a Lambda runtime: takes an event, hands it to the handler, posts the answer, over one kept-alive connection.
import { Agent, request } from "node:http";
import { handler } from "./handler.js";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function exchange(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ hostname, port, agent, method, headers, path: `/2018-06-01/runtime/${path}` }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function run() {
  for (;;) {
    const event = await exchange("GET", "invocation/next");
    const invocation = `invocation/${event.headers["lambda-runtime-aws-request-id"]}`;
    try {
      const answer = await handler(JSON.parse(event.body));
      await exchange("POST", `${invocation}/response`, JSON.stringify(answer));
    } catch (error) {
      const { name: errorType, message: errorMessage } = error;
      await exchange("POST", `${invocation}/error`, JSON.stringify({ errorType, errorMessage }));
    }
  }
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
