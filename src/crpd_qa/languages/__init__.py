"""What the program knows of each language, as data: one TOML file a language, and the names of States."""
