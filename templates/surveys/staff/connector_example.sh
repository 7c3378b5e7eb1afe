{% comment %}address, secret, body. Shown as text to copy; tests run it.{% endcomment %}{% autoescape off %}URL='{{ address }}'
SECRET='{{ secret }}'
BODY='{{ body }}'
ID="order-A-1207-delivered"   # the same for every repeat of one event
TIME=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
SIGNATURE=$(printf %s "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -sS "$URL" -H 'Content-Type: application/json' \
  -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" \
  --data-binary "$BODY"
{% endautoescape %}
