"""The admin API under `/_mock/`: steers a world over HTTP, and tells what happened in it."""
