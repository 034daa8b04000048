"""What readers and writers of comments ask for; decides nothing itself, and fetches nothing."""
