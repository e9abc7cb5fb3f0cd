-- In the shape of what mysqldump 8 writes: conditional comments, a trigger, a function, a view, collations of UCA 9.0,
-- an index of an expression, a computed column, and tables whose names are words of SQL or differ in their case alone.
-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: db.example    Database: shop
-- ------------------------------------------------------
-- Server version	8.0.36

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';

--
-- Current Database: `shop`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;

USE `shop`;

DROP TABLE IF EXISTS `order`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `order` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `userId` int NOT NULL,
  `Ordered At` datetime(3) DEFAULT NULL,
  `größe` varchar(60) COLLATE utf8mb4_0900_as_cs DEFAULT NULL,
  `select` enum('a;b','it''s','c\\d') DEFAULT 'a;b',
  `doc` json DEFAULT NULL,
  `body` blob,
  `total` decimal(10,2) NOT NULL DEFAULT '0.00',
  `with_tax` decimal(12,2) GENERATED ALWAYS AS ((`total` * 1.2)) STORED NOT NULL,
  `uuid_` char(36) NOT NULL DEFAULT (uuid()),
  `userid_2` tinyint(1) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `lowered` ((lower(`größe`))),
  CONSTRAINT `fk` FOREIGN KEY (`userId`) REFERENCES `user` (`ID`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='orders; ENGINE=MyISAM, not';
/*!40101 SET character_set_client = @saved_cs_client */;

LOCK TABLES `order` WRITE;
/*!40000 ALTER TABLE `order` DISABLE KEYS */;
INSERT INTO `order` (`id`, `userId`, `Ordered At`, `größe`, `select`, `doc`, `body`, `total`, `uuid_`, `userid_2`) VALUES (1,1,'2026-01-02 03:04:05.678','sehr; groß \'x\' -- no comment','it\'s','{\"a\": 1.50, \"b\": [null]}',0x00FF27,12.50,'6b1e2f0a-0000-0000-0000-000000000001',1),(2,2,NULL,'CREATE TABLE x (/* no */','c\\d',NULL,_binary 'abc\0\'',0.00,'x',0),(3,2,'1999-12-31 23:59:59.000','🥂',NULL,NULL,'',1.00,'y',NULL);
/*!40000 ALTER TABLE `order` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,TIME_TRUNCATE_FRACTIONAL,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `touch` BEFORE UPDATE ON `order` FOR EACH ROW BEGIN
  SET NEW.total = NEW.total + 1; SET NEW.userId = 3;
END */;;
DELIMITER ;
DROP TABLE IF EXISTS `user`;
CREATE TABLE `user` (
  `ID` int NOT NULL,
  `name` varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL,
  `Full Name` varchar(9) DEFAULT NULL,
  PRIMARY KEY (`ID`),
  UNIQUE KEY `n` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
INSERT INTO `user` VALUES (1,'Ann','a'),(2,'Ann ','b'),(3,'Zoë',NULL);
CREATE TABLE `User` (`id` int NOT NULL, `at` timestamp NULL DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=MyISAM DEFAULT CHARSET=latin1;
INSERT INTO `User` VALUES (1,'2026-06-01 12:00:00'),(2,NULL);
/*!50001 CREATE VIEW `seen` AS SELECT
 1 AS `ID`*/;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` FUNCTION `f`(a int) RETURNS int DETERMINISTIC BEGIN RETURN a; END ;;
DELIMITER ;
/*!50001 DROP VIEW IF EXISTS `seen`*/;
/*!50001 SET collation_connection      = utf8mb4_0900_ai_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `seen` AS select `user`.`ID` AS `ID` from `user` */;
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
-- Dump completed on 2026-01-01
