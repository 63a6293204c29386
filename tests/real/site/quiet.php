<?php
// A must-use plugin: no mail leaves the machine, and an option named "test_closed_api" shuts the REST API for visitors
// in the words that plugins for "hardening" use.
add_filter( 'pre_wp_mail', '__return_true' );
add_filter(
	'rest_authentication_errors',
	function ( $result ) {
		if ( $result || is_user_logged_in() || ! get_option( 'test_closed_api' ) ) {
			return $result;
		}
		return new WP_Error( 'rest_cannot_access', 'Only signed-in users may use the REST API.', array( 'status' => 401 ) );
	}
);
