"""REST and WebSocket in the exchange's shape, so its clients work unmodified; additions under /venue/."""
