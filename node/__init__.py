"""What the instance is and does: tables, hot reads, jobs, events, settings and one service per capability."""
