"""The demo's data: rates and availability, derived from real hotel bookings."""
