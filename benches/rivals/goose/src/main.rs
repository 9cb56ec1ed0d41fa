//! Sends GETs to one URL with goose, a user for each connection, for as long as goose's own options say.

use goose::prelude::*;

async fn get(user: &mut GooseUser) -> TransactionResult {
    let _ = user.get("").await?;
    Ok(())
}

// One thread, as every generator here has one core.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), GooseError> {
    let metrics = GooseAttack::initialize()?
        .register_scenario(scenario!("Get").register_transaction(transaction!(get)))
        .execute()
        .await?;
    let requests: usize = metrics.requests.values().map(|one| one.raw_data.counter).sum();
    println!("requests: {requests}");
    Ok(())
}
