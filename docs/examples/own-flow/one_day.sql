SELECT sensor, avg(value) FROM measurements
WHERE taken_at >= '2024-06-12' AND taken_at < '2024-06-13'
GROUP BY sensor;
