-- What opens doors: sessions, bearer tokens and one-time links, found by the hash of a secret that is stored nowhere.
-- A link that was redeemed stays as 'used' for a while, so that its second user is told why it opens nothing.
CREATE TABLE pass (
    hash   BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the secret
    kind   TEXT    NOT NULL CHECK (kind IN ('session', 'token', 'link', 'used')),
    shop   TEXT    NOT NULL,
    role   TEXT    NOT NULL,
    holder TEXT    NOT NULL,             -- UUID, the same in a link and in the session it became
    made   INTEGER NOT NULL,             -- ms since 1970, like due
    due    INTEGER                       -- no longer good from here on; NULL: good until revoked
) STRICT, WITHOUT ROWID;
