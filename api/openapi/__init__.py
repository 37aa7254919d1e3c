"""The API's own description: an OpenAPI 3.1 document made from the routes, the page that shows it, what it covers."""
