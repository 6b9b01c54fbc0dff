"""Storage: tables, migrations and one file per group of tables; SQLite or PostgreSQL, same code."""
