/**
 * Regular expression (RE2) for a text that stands where a value of one's own belongs, as in
 * terraform.tfvars.example (`change-me-…`) and in the documentation (`your-…`).
 */
export const PLACEHOLDER =
  "(?i)(^|[^a-z])(change|replace)[-_ ]?me([^a-z]|$)|^your[-_ ]|^<.*>$|^placeholder|^todo";
