// salesforce-pubsub-api-client: every subscription has a client of its own, and its callbacks wait here in line.
import PubSubApiClient from "salesforce-pubsub-api-client";

import { serve } from "./console.mjs";

const org = JSON.parse(process.env.TWIN);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const lines = {};

// `from`: nothing for LATEST, "EARLIEST", or a replay id
async function subscribe(name, topic, from = null, count = null, token = org.access_token) {
  const client = new PubSubApiClient(
    {
      authType: "user-supplied",
      accessToken: token,
      instanceUrl: org.instance_url.replace("http:", "https:"), // the client insists on it; it calls nobody there
      organizationId: org.organization_id,
      pubSubEndpoint: org.pubsub_endpoint,
      rejectUnauthorizedSsl: false,
    },
    quiet,
  );
  await client.connect();
  const line = (lines[name] = { client, told: [], wake() {} });
  const tell = (info, kind, data) => {
    line.told.push({ kind, lastReplayId: info.lastReplayId, ...shown(data) });
    line.wake();
  };
  if (from === "EARLIEST") client.subscribeFromEarliestEvent(topic, tell, count);
  else if (from === null) client.subscribe(topic, tell, count);
  else client.subscribeFromReplayId(topic, tell, count, from);
}

function shown(data) {
  if (!(data instanceof Error)) return data;
  const trailer = data.metadata?.get("error-code")[0];
  return { message: data.message, code: data.code, trailer, cause: data.cause?.message };
}

// the next callback of one of these kinds; others before it are dropped
async function next(name, ...kinds) {
  const line = lines[name];
  for (;;) {
    while (line.told.length) {
      const told = line.told.shift();
      if (kinds.includes(told.kind)) return told;
    }
    await new Promise((wake) => (line.wake = wake));
  }
}

function close(name) {
  lines[name].client.close();
}

await serve({ subscribe, next, close });
