-- A version of a record is stored once and is its own entry in the change log.
CREATE TABLE version (
    seq        INTEGER PRIMARY KEY,  -- gap-free, in the order of commits, from 1
    collection INTEGER NOT NULL,     -- number of the collection
    id         TEXT    NOT NULL,
    version    INTEGER NOT NULL,     -- counted from 1 for each record
    operation  INTEGER NOT NULL,     -- 1 create, 2 update, 3 retire
    previous   INTEGER NOT NULL,     -- seq of the version before, 0 for a creation
    source     INTEGER NOT NULL,     -- row of `source`
    name       TEXT    NOT NULL,
    body       BLOB    NOT NULL,     -- status, dates, division, fields
    geometry   BLOB,                 -- well-known binary, EPSG:4490, longitude first
    digest     BLOB    NOT NULL      -- SHA-256 of the version
) STRICT;

-- The current version of a record is the last one under its key.
CREATE UNIQUE INDEX version_key ON version (collection, id, version);

-- Versions that another one has replaced: few, so that they can be skipped in one read.
CREATE INDEX version_previous ON version (previous) WHERE previous <> 0;

-- One row a commit: who, when, and the seal that chains it to the commit before.
CREATE TABLE batch (
    last_seq  INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    at        INTEGER NOT NULL,      -- microseconds since 1970-01-01T00:00:00Z
    by        TEXT    NOT NULL,
    seal      BLOB    NOT NULL       -- SHA-256 over the seal before and the digests
) STRICT;

-- Where records come from: a few texts that hundreds of thousands of rows share.
CREATE TABLE source (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE account (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL,
    division   TEXT,                 -- digits within which the role counts; NULL everywhere
    token_hash BLOB UNIQUE,          -- SHA-256 of the token; NULL when revoked
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
