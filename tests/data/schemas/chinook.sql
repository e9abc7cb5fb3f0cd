-- In the shape of chinook, the sample database of a music shop: every name needs quotes.
CREATE TABLE "Artist" ("ArtistId" INT NOT NULL, "Name" VARCHAR(120), CONSTRAINT "PK_Artist" PRIMARY KEY ("ArtistId"));
CREATE TABLE "Album" (
  "AlbumId" INT NOT NULL, "Title" VARCHAR(160) NOT NULL, "ArtistId" INT NOT NULL REFERENCES "Artist",
  CONSTRAINT "PK_Album" PRIMARY KEY ("AlbumId"));
CREATE TABLE "Track" (
  "TrackId" INT NOT NULL PRIMARY KEY, "Name" VARCHAR(200) NOT NULL, "AlbumId" INT REFERENCES "Album",
  "Milliseconds" INT NOT NULL, "UnitPrice" NUMERIC(10,2) NOT NULL);
CREATE TABLE "Playlist" ("PlaylistId" INT NOT NULL PRIMARY KEY, "Name" VARCHAR(120));
CREATE TABLE "PlaylistTrack" (
  "PlaylistId" INT NOT NULL REFERENCES "Playlist", "TrackId" INT NOT NULL REFERENCES "Track",
  CONSTRAINT "PK_PlaylistTrack" PRIMARY KEY ("PlaylistId", "TrackId"));
CREATE TABLE "Invoice" ("InvoiceId" INT NOT NULL PRIMARY KEY, "InvoiceDate" TIMESTAMP NOT NULL, "Total" NUMERIC(10,2) NOT NULL);
INSERT INTO "Artist" VALUES (1, 'AC/DC'), (2, 'Motörhead');
INSERT INTO "Album" VALUES (1, 'For Those About To Rock', 1), (2, 'Overkill', 2);
INSERT INTO "Track" VALUES (1, 'Title', 1, 343719, 0.99), (2, 'Title', NULL, 1, 1.00);
INSERT INTO "Playlist" VALUES (1, 'Music'), (2, NULL);
INSERT INTO "PlaylistTrack" VALUES (1, 1), (1, 2);
INSERT INTO "Invoice" VALUES (1, '2009-01-01 00:00:00', 1.98);
