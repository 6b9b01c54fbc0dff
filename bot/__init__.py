"""The machine: messages, channels, search, storage, sending. It knows no single procedure."""
