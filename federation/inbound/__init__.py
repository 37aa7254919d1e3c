"""What other servers send us: checked at the door, stored, then handed to the services."""
