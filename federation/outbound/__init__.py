"""What we tell other servers: documents they fetch, activities we deliver."""
