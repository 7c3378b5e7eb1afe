{% comment %}address, secret, body. Shown as text to copy; tests run it.{% endcomment %}{% autoescape off %}URL='{{ address }}'
SECRET='{{ secret }}'
BODY='{{ body }}'
SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -binary | base64)
curl -sS "$URL" -H 'Content-Type: application/json' -H "X-WC-Webhook-Signature: $SIGNATURE" --data-binary "$BODY"
{% endautoescape %}
