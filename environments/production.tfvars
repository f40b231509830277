# What the workflows in .github/workflows deploy. No secret belongs here: db_password and api_key are
# secrets of the repository. Every other variable may stand here, see terraform.tfvars.example.

environment = "prod"
aws_region  = "us-west-2"
