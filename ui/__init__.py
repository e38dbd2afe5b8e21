"""The browser app. It renders `Answer`s and edits the library, and holds no logic of its own."""
