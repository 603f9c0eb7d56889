// jsforce as an app that a person connects by the web-server flow; after that it renews its sessions by itself.
import jsforce from "jsforce";

import { serve } from "./console.mjs";

const org = JSON.parse(process.env.TWIN);
const oauth2 = new jsforce.OAuth2({
  clientId: org.client_id,
  clientSecret: org.client_secret,
  redirectUri: "http://localhost/callback",
  loginUrl: org.instance_url,
});
const conn = new jsforce.Connection({ oauth2, version: "60.0" });
const renewals = [];
conn.on("refresh", (token) => renewals.push(token));
conn.bulk2.pollInterval = 50;
conn.bulk2.pollTimeout = 10_000;

await serve({ jsforce, conn, oauth2, renewals, contacts: conn.sobject("Contact") });
