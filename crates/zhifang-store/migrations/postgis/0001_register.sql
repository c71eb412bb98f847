-- A version of a record is stored once and is its own entry in the change log.
CREATE TABLE zhifang.version (
    seq        bigint   PRIMARY KEY,        -- gap-free, in the order of commits, from 1
    collection smallint NOT NULL,
    id         text     NOT NULL COLLATE "C",
    version    integer  NOT NULL,           -- counted from 1 for each record
    operation  smallint NOT NULL,           -- 1 create, 2 update, 3 retire
    previous   bigint   NOT NULL,           -- seq of the version before, 0 for a creation
    source     text     NOT NULL,
    name       text     NOT NULL,
    body       bytea    NOT NULL,           -- status, dates, division, fields
    geometry   geometry(Geometry, 4490),    -- longitude first
    shape      bytea,                       -- well-known binary that PostGIS would refuse
    digest     bytea    NOT NULL            -- SHA-256 of the version
);

-- The current version of a record is the last one under its key.
CREATE UNIQUE INDEX version_key ON zhifang.version (collection, id, version);

-- Versions that another one has replaced.
CREATE INDEX version_previous ON zhifang.version (previous) WHERE previous <> 0;

CREATE INDEX version_geometry ON zhifang.version USING gist (geometry) WHERE geometry IS NOT NULL;

-- One row a commit: who, when, and the seal that chains it to the commit before.
CREATE TABLE zhifang.batch (
    last_seq  bigint PRIMARY KEY,
    first_seq bigint NOT NULL,
    at        bigint NOT NULL,              -- microseconds since 1970-01-01T00:00:00Z
    by        text   NOT NULL,
    seal      bytea  NOT NULL               -- SHA-256 over the seal before and the digests
);

-- The one row that writers lock, last: whoever holds it gives out the next numbers.
CREATE TABLE zhifang.counter (
    id       boolean PRIMARY KEY DEFAULT true CHECK (id),
    last_seq bigint  NOT NULL,
    seal     bytea   NOT NULL
);

INSERT INTO zhifang.counter (last_seq, seal) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE TABLE zhifang.account (
    name       text   PRIMARY KEY COLLATE "C",
    role       text   NOT NULL,
    division   text,                        -- digits within which the role counts; null everywhere
    token_hash bytea  UNIQUE,               -- SHA-256 of the token; null when revoked
    created_at bigint NOT NULL,
    revoked_at bigint
);

CREATE TABLE zhifang.collection (
    number smallint PRIMARY KEY,
    name   text     NOT NULL UNIQUE
);

INSERT INTO zhifang.collection (number, name) VALUES
    (1, 'divisions'), (2, 'names'), (3, 'signs'), (4, 'boundaries'), (5, 'markers'),
    (6, 'claims'), (7, 'structures'), (8, 'findings'), (9, 'disputes'), (10, 'inspections'),
    (11, 'observations'), (12, 'services'), (13, 'cemeteries'), (14, 'projects'), (15, 'roads');

-- For people with a desktop GIS or psql, who look and do not write.
CREATE VIEW zhifang.current_record AS
SELECT v.seq, c.name AS collection, v.id, v.name, v.version, v.source,
       to_timestamp(b.at / 1000000.0) AS updated_at, b.by AS updated_by,
       (get_byte(v.body, 1) & 3) = 0 AS is_draft, (get_byte(v.body, 1) & 3) = 2 AS is_retired,
       v.geometry
FROM zhifang.version v
JOIN zhifang.collection c ON c.number = v.collection
JOIN zhifang.batch b ON b.last_seq = (SELECT min(last_seq) FROM zhifang.batch WHERE last_seq >= v.seq)
WHERE NOT EXISTS (SELECT FROM zhifang.version n WHERE n.previous = v.seq AND n.previous <> 0);
