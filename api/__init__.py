"""What people with an app, and the few pages a browser must see, talk to."""
