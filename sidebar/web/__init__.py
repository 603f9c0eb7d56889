"""People and hosts at the door: routes, headers, templates. Nothing here speaks SQL or Salesforce's wire."""
