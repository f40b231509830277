/**
 * Regular expression (RE2) for a text that stands where a value of one's own belongs, as in
 * terraform.tfvars.example (`change-me-…`) and in the documentation (`your-…`).
 */
export const PLACEHOLDER = "(?i)(change|replace)[-_ ]?me|^your[-_ ]|^<.*>$|placeholder|^todo";
