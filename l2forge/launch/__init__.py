"""Process supervision: up, down, status, logs, reset."""
