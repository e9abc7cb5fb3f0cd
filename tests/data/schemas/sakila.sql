-- In the shape of sakila, the sample database of a film rental on MySQL: unsigned, set, enum, year, geometry, MyISAM.
CREATE TABLE language (
  language_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name CHAR(20) NOT NULL,
  last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE film (
  film_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(128) NOT NULL, release_year YEAR,
  language_id TINYINT UNSIGNED NOT NULL, rental_rate DECIMAL(4,2) NOT NULL DEFAULT 4.99, rating ENUM('G','PG') DEFAULT 'G',
  special_features SET('Trailers','Commentaries'), FOREIGN KEY (language_id) REFERENCES language (language_id));
CREATE TABLE film_text (film_id SMALLINT NOT NULL PRIMARY KEY, title VARCHAR(255) NOT NULL) ENGINE=MyISAM;
CREATE TABLE address (address_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY, address VARCHAR(50) NOT NULL, location GEOMETRY NOT NULL);
CREATE TABLE staff (staff_id TINYINT UNSIGNED NOT NULL PRIMARY KEY, picture BLOB, active BOOLEAN NOT NULL DEFAULT TRUE);
CREATE TABLE film_category (
  film_id SMALLINT UNSIGNED NOT NULL, category_id TINYINT UNSIGNED NOT NULL, PRIMARY KEY (film_id, category_id),
  FOREIGN KEY (film_id) REFERENCES film (film_id));
CREATE VIEW film_list AS SELECT film_id AS FID, title FROM film;
