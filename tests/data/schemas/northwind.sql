-- In the shape of northwind, the sample database of a wholesale trade: text keys, smallint, real, a table on its own.
CREATE TABLE categories (category_id smallint PRIMARY KEY, category_name character varying(15) NOT NULL, picture bytea);
CREATE TABLE customers (customer_id character varying(5) PRIMARY KEY, company_name character varying(40) NOT NULL);
CREATE TABLE customer_demographics (customer_type_id character varying(5) PRIMARY KEY, customer_desc text);
CREATE TABLE customer_customer_demo (
  customer_id character varying(5) NOT NULL REFERENCES customers,
  customer_type_id character varying(5) NOT NULL REFERENCES customer_demographics,
  PRIMARY KEY (customer_id, customer_type_id));
CREATE TABLE employees (
  employee_id smallint PRIMARY KEY, last_name character varying(20) NOT NULL, birth_date date,
  reports_to smallint REFERENCES employees, photo_path character varying(255));
CREATE TABLE products (
  product_id smallint PRIMARY KEY, category_id smallint REFERENCES categories, unit_price real, discontinued integer NOT NULL);
CREATE TABLE orders (
  order_id smallint PRIMARY KEY, customer_id character varying(5) REFERENCES customers,
  employee_id smallint REFERENCES employees, order_date date, freight real);
CREATE TABLE order_details (
  order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products,
  unit_price real NOT NULL, quantity smallint NOT NULL, discount real NOT NULL, PRIMARY KEY (order_id, product_id));
CREATE TABLE us_states (state_id smallint PRIMARY KEY, state_name character varying(100));
