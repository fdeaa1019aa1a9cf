-- No unique constraint but the primary keys: if something happened twice, it is to be seen.

create table payment (
  id uuid primary key,
  charge_id uuid not null,
  order_id varchar(100) not null,
  customer_id varchar(100) not null,
  amount numeric(14, 2) not null,
  currency varchar(3) not null,
  status varchar(20) not null,
  created_at timestamp with time zone not null
);

create index payment_order_id on payment (order_id);

create table gateway_charge (
  id uuid primary key,
  idempotency_key varchar(255) not null,
  order_id varchar(100) not null,
  customer_id varchar(100) not null,
  amount numeric(14, 2) not null,
  currency varchar(3) not null,
  charged_at timestamp with time zone not null
);

create index gateway_charge_order_id on gateway_charge (order_id);

create table sent_notification (
  id uuid primary key,
  notification_id varchar(100) not null,
  user_id varchar(100) not null,
  channel varchar(20) not null,
  message varchar(2000) not null,
  sent_at timestamp with time zone not null
);

create index sent_notification_user_id on sent_notification (user_id);
