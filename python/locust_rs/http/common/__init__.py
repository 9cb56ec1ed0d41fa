"""What both HTTP sessions share: base URLs, cookies, header blocks, with-blocks, reports to the `request` event."""
