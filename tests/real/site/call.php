<?php
// Calls functions of WordPress by name, as its own screens do: [[name, argument, ...], ...] comes in, what each of
// them returned goes out. Only for whoever knows the key of this test run.
if ( ! hash_equals( (string) getenv( 'WP_TEST_KEY' ), $_SERVER['HTTP_X_TEST_KEY'] ?? '' ) ) {
	http_response_code( 404 );
	exit;
}
$calls = json_decode( file_get_contents( 'php://input' ), true, 512, JSON_THROW_ON_ERROR );
if ( 'wp_install' === $calls[0][0] ) {
	define( 'WP_INSTALLING', true );
}
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/misc.php';
$returned = array();
foreach ( $calls as $call ) {
	$value      = call_user_func_array( array_shift( $call ), $call );
	$returned[] = is_wp_error( $value ) ? array( 'error' => $value->get_error_code() ) : $value;
}
header( 'content-type: application/json' );
echo wp_json_encode( $returned );
