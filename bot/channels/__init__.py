"""One file or folder per channel; each turns a platform's payloads into Messages and Replies into calls."""
